import { lazy, useMemo, useRef, useState } from "react";
import { readTitle, TITLE_CHARTS } from "../../address/title.ts";
import { address } from "../../api/client.ts";
import { titleQuery, titleWeeksQuery } from "../../api/titles.ts";
import type { TitleWeeks } from "../../api/types.gen.ts";
import { useResponse } from "../../api/useResponse.ts";
import { useReadout } from "../../charts/kit/useReadout.ts";
import { PLACES_HEIGHT } from "../../charts/places/layout.ts";
import { PlacesChart } from "../../charts/places/PlacesChart.tsx";
import { placesFinding } from "../../findings/places.ts";
import { shortDay } from "../../lib/dates.ts";
import { plural } from "../../lib/format.ts";
import { Figure } from "../../ui/Figure.tsx";
import { Readout, Value } from "../../ui/Readout.tsx";
import { Segmented } from "../../ui/Segmented.tsx";
import { Empty, Failure, Skeleton } from "../../ui/States.tsx";
import { fileSource, isStale } from "../freshness.ts";
import { refusedChoice } from "../useFallback.ts";
import { useTable } from "../useTable.ts";
import { useView } from "../useView.ts";
import { captionOf } from "./captionOf.ts";
import styles from "./Side.module.css";

const WeeksRows = lazy(async () => ({ default: (await import("./WeeksRows.tsx")).WeeksRows }));

const LISTS = [
  ["score", "Score"],
  ["members", "Members gained"],
] as const;

/** The title's place on the weekly lists. */
export function WeeksSection({ malId }: { malId: number }) {
  const { search, selection, change } = useView(readTitle);
  const { open, toggle } = useTable(TITLE_CHARTS, "weeks");
  const drawing = useRef<SVGSVGElement>(null);
  const [drawn, setDrawn] = useState<number | null>(null);
  const query = useResponse(titleWeeksQuery(selection, malId));
  const title = useResponse(titleQuery(selection, malId), false).data?.data;
  const list = search.places ?? "score";
  const weeks = useMemo(() => query.data && placedWeeks(query.data.data, list), [query.data, list]);
  const data = query.data?.data;
  const standing = data && (list === "score" ? data.score_list : data.members_list);
  const hasPlace = weeks?.some(({ place }) => place !== null) ?? false;
  const isSeen = weeks?.some(({ observed }) => observed) ?? false;
  const newest = weeks?.at(-1)?.week;
  const heading =
    standing && hasPlace && newest
      ? placesFinding(
          standing,
          newest,
          weeks.map(({ place }) => place),
        )
      : "On the weekly list";
  const sub = subOf(list, data?.rolled_up ?? true);
  const source =
    query.data && weeks
      ? sourceOf(query.data.meta.sources, weeks.length, Math.min(weeks.length, drawn ?? weeks.length))
      : "";
  return (
    <div className={styles.side}>
      <Figure
        id="weeks"
        heading={heading}
        sub={sub}
        choices={
          <Segmented
            label="Weekly list by"
            value={list}
            options={LISTS}
            onChange={(next) => change({ places: next === "score" ? undefined : next })}
          />
        }
        stale={isStale(query)}
        source={source}
        table={data && hasPlace ? <WeeksRows weeks={data.weeks} list={list} /> : null}
        tableName="the title’s weeks"
        tableOpen={open}
        onTable={toggle}
        csv={address(`analytics/titles/${malId}/weeks`, { ...selection, format: "csv" })}
        csvName={`kansoku-title-${malId}-weeks.csv`}
        picture={() =>
          drawing.current && {
            drawing: drawing.current,
            caption: {
              heading: captionOf(title, search.names, heading),
              sub,
              source: fileSource(source, query),
            },
          }
        }
      >
        {weeks && standing && hasPlace && (
          <Places
            weeks={weeks}
            list={list}
            peakWeek={standing.peak_week}
            summary={heading}
            svg={drawing}
            onDrawn={setDrawn}
          />
        )}
        {query.isPending || refusedChoice(query.error, search) ? (
          <Skeleton cells={1} height={PLACES_HEIGHT} />
        ) : !query.data ? (
          <Failure what="The weeks" error={query.error} onRetry={() => void query.refetch()} />
        ) : (
          !hasPlace && (
            <Empty
              reason="No place in any week."
              hint={isSeen ? WHY_NONE[list] : "The title was observed in none."}
            />
          )
        )}
      </Figure>
    </div>
  );
}

const WHY_NONE = {
  score: "Only scores of at least 1,000 votes have one.",
  members: "It takes two weeks on end to know what a title has gained.",
} as const;

type List = (typeof LISTS)[number][0];

interface PlacesProps {
  weeks: ReturnType<typeof placedWeeks>;
  list: List;
  peakWeek: string | null;
  summary: string;
  svg: React.Ref<SVGSVGElement>;
  /** Hears how many of the weeks there is room for. */
  onDrawn: (count: number) => void;
}

function Places({ weeks, list, peakWeek, summary, svg, onDrawn }: PlacesProps) {
  const readout = useReadout(weeks.length, weeks.length - 1);
  const week = weeks[readout.index];
  if (!week) return null;
  const place = week.place === null ? (week.observed ? "no place" : "not observed") : `place ${week.place}`;
  const name = `Week of ${shortDay(week.week, weeks.at(-1)?.week)}`;
  return (
    <>
      <Readout
        label="Weeks"
        cells={1}
        count={weeks.length}
        index={readout.index}
        onMove={readout.move}
        text={`${name}: ${place}`}
        name={name}
      >
        {week.place === null ? <span>{place}</span> : <Value name="place">{week.place}</Value>}
      </Readout>
      <PlacesChart
        weeks={weeks}
        peakWeek={peakWeek}
        index={readout.moved ? readout.index : null}
        onMove={readout.move}
        measure={list}
        summary={summary}
        svg={svg}
        onDrawn={onDrawn}
      />
    </>
  );
}

/** The foot's words: no week goes from the drawing without a word. */
export function sourceOf(sources: readonly string[], weeks: number, drawn: number): string {
  if (sources.length === 0 || weeks === 0) return "Nothing was observed.";
  const shown = drawn < weeks ? `The last ${drawn} of ${plural(weeks, "week")}` : plural(weeks, "week");
  return `Source: ${sources.join(", ")}. ${shown}.`;
}

function placedWeeks({ weeks }: TitleWeeks, list: List) {
  return weeks.map(({ week, observed, score_place, members_place }) => ({
    week,
    observed,
    place: list === "score" ? score_place : members_place,
  }));
}

function subOf(list: List, isRolledUp: boolean): string {
  const by =
    list === "score" ? "score, of titles with at least 1,000 votes" : "members gained since the week before";
  const late = isRolledUp ? "" : " The newest changes are not in it yet.";
  return `Place by ${by}; weeks begin on Monday.${late}`;
}
