import { useQuery } from "@tanstack/react-query";
import { topAnimeQuery } from "../../api/queries.ts";
import type { TopAnime, TopTitle } from "../../api/types.gen.ts";
import { LeadChart } from "../../charts/lead/LeadChart.tsx";
import { leadFinding } from "../../findings/lead.ts";
import { textOf } from "../../findings/words.ts";
import { longDay, shortDay } from "../../lib/dates.ts";
import { plural, score } from "../../lib/format.ts";
import { nameOf, type Script } from "../../lib/titles.ts";
import { Say } from "../../ui/Say.tsx";
import { staleNote } from "../freshness.ts";
import { useView } from "../useView.ts";
import styles from "./LeadSection.module.css";

/** A longer headline is set smaller. */
const LONG = 72;

/** Today's finding in words, beside its line. */
export function LeadSection() {
  const { search, selection } = useView();
  const query = useQuery(topAnimeQuery(selection));
  const script = search.names ?? "english";
  const top = query.data?.data;
  const lead = top && leadFinding(top);
  const leader = top?.titles[0];
  if (query.isPending) return <Waiting />;
  if (!top || !lead || !leader)
    return <h1 className={styles.alone}>{top ? "No ranking yet" : "Overview"}</h1>;
  return (
    <div className={styles.lead} data-stale={staleNote(query) ? "" : undefined}>
      <div>
        {top.run && <p className={styles.kick}>{longDay(top.run.captured_at)}</p>}
        <h1 data-long={textOf(lead.headline, script).length > LONG ? "" : undefined}>
          <Say words={lead.headline} script={script} />
        </h1>
        <p className={styles.lede}>
          <Say words={lead.lede} script={script} />
        </p>
      </div>
      <LeadChart days={leader.spark} mark={lead.mark} summary={summaryOf(leader, top, script)} />
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
      <div className={`${styles.wait} ${styles.waitLine}`} />
    </div>
  );
}

function summaryOf(leader: TopTitle, top: TopAnime, script: Script): string {
  const seen = leader.spark.filter((day) => day.score !== null);
  const first = seen[0];
  const last = seen.at(-1);
  const name = nameOf(leader, script).text;
  if (!first || !last || !top.run) return `No score of ${name} was observed.`;
  const missing = leader.spark.length - seen.length;
  const gap = missing > 0 ? `; ${plural(missing, "day")} not observed` : "";
  return `Score of ${name} from ${score(first.score)} on ${shortDay(first.day)} to ${score(last.score)} on ${shortDay(last.day)}${gap}.`;
}
