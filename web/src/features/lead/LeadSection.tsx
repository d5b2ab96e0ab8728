import { lazy, useMemo, useRef } from "react";
import { OVERVIEW_CHARTS, readOverview } from "../../address/overview.ts";
import { daysQuery, topAnimeQuery } from "../../api/queries.ts";
import type { Catalogue, TopAnime } from "../../api/types.gen.ts";
import { useResponse } from "../../api/useResponse.ts";
import { LeadChart } from "../../charts/lead/LeadChart.tsx";
import { holes, lastDay } from "../../findings/days.ts";
import { type Lead, leadFinding } from "../../findings/lead.ts";
import { hasFewVotes } from "../../findings/ranking.ts";
import { csvAddress } from "../../lib/csv.ts";
import { instant, longDay, shortDay } from "../../lib/dates.ts";
import { score } from "../../lib/format.ts";
import { textOf } from "../../lib/richText.ts";
import { nameOf, type Script } from "../../lib/titles.ts";
import { ChartFooter } from "../../ui/ChartFooter.tsx";
import { Empty, Failure } from "../../ui/States.tsx";
import { fileSource, isStale } from "../freshness.ts";
import { RichTextLine } from "../RichTextLine.tsx";
import { refusedChoice } from "../useFallback.ts";
import { useTable } from "../useTable.ts";
import { useView } from "../useView.ts";
import styles from "./LeadSection.module.css";
import { type Line, leadLines, lineRows, upTo } from "./lines.ts";

const LeadRows = lazy(async () => ({ default: (await import("./LeadRows.tsx")).LeadRows }));

/** A longer headline is set smaller. */
const LONG = 72;

/** Today's finding in words, beside its line. */
export function LeadSection() {
  const { search, selection } = useView(readOverview);
  // Whatever the ranking below is compared with, this says what is new.
  const query = useResponse(topAnimeQuery(selection, "capture"));
  const states = useResponse(daysQuery(selection)).data?.data;
  const short = useMemo(
    () => new Set(states?.filter((one) => one.incomplete > 0).map((one) => one.day)),
    [states],
  );
  const today = states?.at(-1)?.day;
  const script = search.names ?? "english";
  const data = query.isPlaceholder ? undefined : query.data;
  const top = useMemo(
    () => data && upTo(data.data, lastDay(data.meta, { readAt: data.readAt, asOf: selection.as_of, today })),
    [data, selection.as_of, today],
  );
  const lead = top && leadFinding(top);
  if ((!data && !query.isError) || refusedChoice(query.error, search)) return <Waiting />;
  if (!data) {
    return (
      <div className={styles.lead}>
        <h1>Overview</h1>
        <div className={styles.line}>
          <Failure what="The leading title’s line" error={query.error} onRetry={() => void query.refetch()} />
        </div>
      </div>
    );
  }
  // The ranking below says why there is none.
  if (!top || !lead) return <h1 className="vh">Overview</h1>;
  const drawn = top.titles[0]?.spark.filter((day) => day.score !== null).length ?? 0;
  return (
    <div
      className={styles.lead}
      data-stale={isStale(query) ? "" : undefined}
      data-few={top.titles.slice(0, 1).some(hasFewVotes) ? "" : undefined}
    >
      <div>
        {top.run && <p className={styles.kick}>{longDay(top.run.captured_at)}</p>}
        <h1 data-long={textOf(lead.headline, script).length > LONG ? "" : undefined}>
          <RichTextLine words={lead.headline} script={script} />
        </h1>
        <p className={styles.lede}>
          <RichTextLine words={lead.lede} script={script} />
        </p>
      </div>
      {drawn > 1 ? (
        <LeadFigure
          top={top}
          lead={lead}
          script={script}
          short={short}
          read={query}
          catalogue={data.meta.catalogue}
        />
      ) : (
        <div className={styles.line}>
          <Empty reason="No line yet." hint="It begins on the second day with a score." />
        </div>
      )}
    </div>
  );
}

interface LeadFigureProps {
  top: TopAnime;
  lead: Lead;
  script: Script;
  /** Days of which a capture is incomplete. */
  short: ReadonlySet<string>;
  read: Parameters<typeof fileSource>[1];
  catalogue: Catalogue;
}

/** The line with its footer. */
function LeadFigure({ top, lead, script, short, read, catalogue }: LeadFigureProps) {
  const { open, toggle } = useTable(OVERVIEW_CHARTS, "lead");
  const drawing = useRef<SVGSVGElement>(null);
  const lines = useMemo(() => leadLines(top.titles), [top]);
  const [leader, second] = lines;
  const follower = useMemo(
    () => (second ? { name: nameOf(second.title, script), days: second.days } : null),
    [second, script],
  );
  if (!leader) return null;
  const sub = summaryOf(leader, script);
  const source = top.run ? `Source: ${top.run.source}, captured ${instant(top.run.captured_at)}.` : "";
  return (
    <figure id="lead" className={styles.figure} aria-label="The line of the leading title">
      <LeadChart
        days={leader.days}
        mark={lead.mark}
        follower={follower}
        short={short}
        summary={sub}
        svg={drawing}
      />
      <ChartFooter
        id="lead"
        source={source}
        table={<LeadRows lines={lines} script={script} />}
        tableName="the leading title’s days"
        tableOpen={open}
        onTable={toggle}
        csv={csvAddress(lineRows(lines, catalogue))}
        csvName="kansoku-lead.csv"
        picture={() =>
          drawing.current && {
            drawing: drawing.current,
            caption: { heading: textOf(lead.headline, script), sub, source: fileSource(source, read) },
          }
        }
      />
    </figure>
  );
}

function Waiting() {
  const { open } = useTable(OVERVIEW_CHARTS, "lead");
  return (
    <div className={styles.lead} aria-busy="true">
      <div>
        <h1 className="vh">Overview</h1>
        <div className={`${styles.wait} ${styles.waitWords}`} />
      </div>
      <div className={`${styles.wait} ${styles.line}`} data-table={open ? "" : undefined} />
    </div>
  );
}

function summaryOf({ title, days }: Line, script: Script): string {
  const seen = days.filter((day) => day.score !== null);
  const first = seen[0];
  const last = seen.at(-1);
  const name = nameOf(title, script).text;
  if (!first || !last) return `No score of ${name} was observed.`;
  const why = holes(days);
  const gap = why ? `; ${why}` : "";
  return `Score of ${name} from ${score(first.score)} on ${shortDay(first.day, last.day)} to ${score(last.score)} on ${shortDay(last.day)}${gap}.`;
}
