import { lazy, useCallback, useMemo, useRef } from "react";
import { readTitle, TITLE_CHARTS, type TitleSearch } from "../../address/title.ts";
import { address } from "../../api/client.ts";
import { daysQuery } from "../../api/queries.ts";
import type { Range } from "../../api/titles.ts";
import type { TitleDay } from "../../api/types.gen.ts";
import { useResponse } from "../../api/useResponse.ts";
import chart from "../../charts/title/TitleChart.module.css";
import { TitleChart } from "../../charts/title/TitleChart.tsx";
import { type TitleFinding, titleFinding } from "../../findings/title.ts";
import { day, shortDay } from "../../lib/dates.ts";
import { integer, plural } from "../../lib/format.ts";
import { type Measure, WORDS } from "../../lib/measures.ts";
import { Figure } from "../../ui/Figure.tsx";
import { Segmented } from "../../ui/Segmented.tsx";
import { fileSource, isStale } from "../freshness.ts";
import { PendingNotice } from "../PendingNotice.tsx";
import { useTable } from "../useTable.ts";
import { useView } from "../useView.ts";
import { captionOf } from "./captionOf.ts";
import { LineState } from "./LineState.tsx";
import { dayWords } from "./lineWords.tsx";
import { Origin } from "./Origin.tsx";
import { useTitleDays } from "./useTitleDays.ts";

const LineRows = lazy(async () => ({ default: (await import("./LineRows.tsx")).LineRows }));

const RANGES = [
  ["7", "7 days"],
  ["30", "30"],
  ["90", "90"],
  ["all", "All"],
] as const;
const UPPER = (["score", "rank", "popularity", "favorites"] as const).map(
  (measure) => [measure, WORDS[measure].name] as const,
);
const RANGE_WORDS: Record<Range, string> = {
  "7": "the last 7 days",
  "30": "the last 30 days",
  "90": "the last 90 days",
  all: "all days",
};
const ROOM = { cells: 4, height: chart.draw };
const NO_DAYS: readonly TitleDay[] = [];

/** The title's line through time, with its finding as headline. */
export function LineSection({ malId }: { malId: number }) {
  const { search, selection, change } = useView(readTitle);
  const { open, toggle } = useTable(TITLE_CHARTS, "line");
  const drawing = useRef<SVGSVGElement>(null);
  const { query, episodes, range, hasEpisodes, title } = useTitleDays(malId);
  const measure: Measure = search.measure ?? "score";
  const states = useResponse(daysQuery(selection)).data?.data;
  const short = useMemo(
    () => new Set(states?.filter((one) => one.incomplete > 0).map((one) => one.day)),
    [states],
  );
  const days = query.data?.data.days ?? NO_DAYS;
  const finding = useMemo(() => titleFinding(days, episodes, measure), [days, episodes, measure]);
  const observed = days.filter((one) => one.observed).length;
  const line = useMemo(
    () => ({ days, measure, episodes, short, remark: finding.remark }),
    [days, measure, episodes, short, finding],
  );
  const read = useCallback(
    (index: number) =>
      dayWords(days[index], days[index - 1], { measure, episodes, newest: days.at(-1)?.day }),
    [days, measure, episodes],
  );
  const sub = subOf(measure, hasEpisodes);
  const source = query.data ? sourceOf(query.data.meta.sources, observed, days.length) : "";
  const shown = rangeOf(query.data?.params.days);
  return (
    <Figure
      id="line"
      heading={query.data ? finding.headline : "Day by day"}
      sub={sub}
      choices={<Choices search={search} onChange={change} />}
      stale={isStale(query)}
      busy={query.isPlaceholder && !query.isError}
      pendingNotice={<PendingNotice query={query} what={RANGE_WORDS[range]} shown={RANGE_WORDS[shown]} />}
      source={source}
      table={observed > 0 ? <LineRows days={days} measure={measure} /> : null}
      tableName="the title’s days"
      tableOpen={open}
      onTable={toggle}
      csv={address(`analytics/titles/${malId}/days`, { ...selection, ...daysOf(range), format: "csv" })}
      csvName={`kansoku-title-${malId}-days.csv`}
      picture={() =>
        drawing.current && {
          drawing: drawing.current,
          caption: {
            heading: captionOf(title, search.names, finding.headline),
            sub,
            source: fileSource(source, query),
          },
        }
      }
    >
      {observed > 0 && (
        <TitleChart
          line={line}
          summary={summaryOf(days, measure, finding)}
          svg={drawing}
          read={read}
          chosen={search.at ?? null}
          onChoose={(at) => change({ at: at === search.at ? undefined : at })}
        >
          <Origin malId={malId} days={days} />
        </TitleChart>
      )}
      <LineState malId={malId} query={query} observed={observed} room={ROOM} />
    </Figure>
  );
}

interface ChoicesProps {
  search: TitleSearch;
  onChange: (changes: Partial<TitleSearch>) => void;
}

function Choices({ search, onChange }: ChoicesProps) {
  return (
    <>
      <Segmented
        label="Days"
        value={search.range ?? "90"}
        options={RANGES}
        onChange={(range) => onChange({ range: range === "90" ? undefined : range })}
      />
      <Segmented
        label="Upper line"
        value={search.measure ?? "score"}
        options={UPPER}
        onChange={(measure) => onChange({ measure: measure === "score" ? undefined : measure })}
      />
    </>
  );
}

const daysOf = (range: Range) => (range === "all" ? {} : { days: Number(range) });

function rangeOf(days: number | undefined): Range {
  return days === undefined ? "all" : days <= 7 ? "7" : days <= 30 ? "30" : "90";
}

const SUBS: Record<Measure, string> = {
  score: "Score (1 to 10)",
  rank: "Rank by score, the first on top,",
  popularity: "Rank by members, the first on top,",
  favorites: "Favourites",
};

function subOf(measure: Measure, hasEpisodes: boolean): string {
  const estimated = hasEpisodes ? " Episode days are estimated from the weekly slot." : "";
  return `${SUBS[measure]} above, members below; the last observation of each day (UTC).${estimated}`;
}

function sourceOf(sources: readonly string[], observed: number, days: number): string {
  if (sources.length === 0 || days === 0) return "Nothing was observed.";
  return `Source: ${sources.join(", ")}. ${integer(observed)} of ${plural(days, "day")} observed.`;
}

function summaryOf(days: readonly TitleDay[], measure: Measure, { headline }: TitleFinding): string {
  const [first, last] = [days[0], days.at(-1)];
  if (!first || !last) return headline;
  const ends = (of: Measure | "members") => {
    const known = days.filter((one) => one[of] !== null);
    const { name, write } = WORDS[of];
    const [from, to] = [known[0], known.at(-1)];
    return from && to ? `${name} from ${write(from[of])} to ${write(to[of])}` : `${name} not observed`;
  };
  return `${headline}. ${ends(measure)}; ${ends("members").toLowerCase()}; ${shortDay(first.day, last.day)} to ${day(last.day)}.`;
}
