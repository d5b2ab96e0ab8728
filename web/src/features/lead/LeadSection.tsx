import { useQuery } from "@tanstack/react-query";
import { topAnimeQuery } from "../../api/queries.ts";
import type { SparkDay, TopTitle } from "../../api/types.gen.ts";
import { LeadChart } from "../../charts/lead/LeadChart.tsx";
import { leadFinding } from "../../findings/lead.ts";
import { textOf } from "../../findings/words.ts";
import { longDay, shortDay } from "../../lib/dates.ts";
import { plural, score } from "../../lib/format.ts";
import { nameOf, type Script } from "../../lib/titles.ts";
import { sinceOf } from "../../routes/search.ts";
import { Say } from "../../ui/Say.tsx";
import { Empty, Stale } from "../../ui/States.tsx";
import { staleNote } from "../freshness.ts";
import { refusedChoice } from "../useFallback.ts";
import { useView } from "../useView.ts";
import styles from "./LeadSection.module.css";

/** A longer headline is set smaller. */
const LONG = 72;
const LEAST_DAYS = 14;
const NEAR = 0.5;

/** Today's finding in words, beside its line. */
export function LeadSection() {
  const { search, selection } = useView();
  const query = useQuery(topAnimeQuery(selection, sinceOf(search)));
  const script = search.names ?? "english";
  const top = query.data?.data;
  const lead = top && leadFinding(top);
  const leader = top?.titles[0];
  if (query.isPending || refusedChoice(query.error, search)) return <Waiting />;
  // The ranking below says why there is none.
  if (!top || !lead || !leader) return <h1 className="vh">Overview</h1>;
  const from = firstShown(leader.spark);
  const days = leader.spark.slice(from);
  const second = top.titles[1];
  const follower =
    second && isNear(second, leader)
      ? { name: nameOf(second, script), days: second.spark.slice(from) }
      : null;
  const stale = staleNote(query);
  const drawn = leader.spark.filter((day) => day.score !== null).length > 1;
  return (
    <div className={styles.lead} data-stale={stale ? "" : undefined}>
      <div className={styles.words}>
        {top.run && <p className={styles.kick}>{longDay(top.run.captured_at)}</p>}
        <h1 data-long={textOf(lead.headline, script).length > LONG ? "" : undefined}>
          <Say words={lead.headline} script={script} />
        </h1>
        <p className={styles.lede}>
          <Say words={lead.lede} script={script} />
        </p>
        {stale && <Stale note={stale} />}
      </div>
      {drawn ? (
        <LeadChart
          days={days}
          mark={lead.mark}
          follower={follower}
          summary={summaryOf(leader, days, script)}
        />
      ) : (
        <div className={styles.line}>
          <Empty reason="No line yet." hint="It begins on the second day observed." />
        </div>
      )}
    </div>
  );
}

function Waiting() {
  return (
    <div className={styles.lead} aria-busy="true">
      <div>
        <h1 className="vh">Overview</h1>
        <div className={`${styles.wait} ${styles.waitWords}`} />
      </div>
      <div className={`${styles.wait} ${styles.line}`} />
    </div>
  );
}

/** The first day observed, or so early a one that a gap is seen as one. */
function firstShown(days: readonly SparkDay[]): number {
  const first = days.findIndex((day) => day.score !== null);
  return Math.max(0, Math.min(first, days.length - LEAST_DAYS));
}

/** Whether two lines can share a scale without lying flat. */
function isNear(second: TopTitle, leader: TopTitle): boolean {
  return second.score !== null && leader.score !== null && leader.score - second.score <= NEAR;
}

function summaryOf(leader: TopTitle, days: readonly SparkDay[], script: Script): string {
  const seen = days.filter((day) => day.score !== null);
  const first = seen[0];
  const last = seen.at(-1);
  const name = nameOf(leader, script).text;
  if (!first || !last) return `No score of ${name} was observed.`;
  const missing = days.length - seen.length;
  const gap = missing > 0 ? `; ${plural(missing, "day")} not observed` : "";
  return `Score of ${name} from ${score(first.score)} on ${shortDay(first.day)} to ${score(last.score)} on ${shortDay(last.day)}${gap}.`;
}
