import { lazy, useMemo, useRef } from "react";
import { OVERVIEW_CHARTS, readOverview } from "../../address/overview.ts";
import { address } from "../../api/client.ts";
import { SEASONAL_TREND, seasonsQuery } from "../../api/queries.ts";
import type { SeasonalTrendResponse, SeasonPoint } from "../../api/types.gen.ts";
import { useResponse } from "../../api/useResponse.ts";
import type { SeasonsChoice } from "../../charts/seasons/layout.ts";
import chart from "../../charts/seasons/SeasonsChart.module.css";
import { begun, seasonsFinding } from "../../findings/seasons.ts";
import { plural, word } from "../../lib/format.ts";
import { FEW, isCompared, seasonName } from "../../lib/seasons.ts";
import { Figure } from "../../ui/Figure.tsx";
import { Segmented } from "../../ui/Segmented.tsx";
import { captures } from "../captures.ts";
import { emptyReason } from "../emptyReason.ts";
import { fileSource, isStale } from "../freshness.ts";
import { QueryBoundary } from "../QueryBoundary.tsx";
import { useTable } from "../useTable.ts";
import { useView } from "../useView.ts";
import { SEASON_CELLS, Seasons } from "./Seasons.tsx";

const SeasonsRows = lazy(async () => ({ default: (await import("./SeasonsRows.tsx")).SeasonsRows }));

/** Of a longer history only this many seasons are shown at first. */
const RECENT = 24;
const ROOM = { cells: SEASON_CELLS, height: chart.draw };
const SCORES = [
  ["mean", "Mean score"],
  ["median", "Median score"],
] as const;
const MEMBERS = [
  ["sum", "All members"],
  ["median", "Median members"],
] as const;

/** Score and members of the titles of each season. */
export function SeasonsSection() {
  const { search, selection, change } = useView(readOverview);
  const { open, toggle } = useTable(OVERVIEW_CHARTS, "seasons");
  const query = useResponse(seasonsQuery(selection));
  const drawing = useRef<SVGSVGElement>(null);
  const choice = useMemo<SeasonsChoice>(
    () => ({ score: search.score ?? "mean", members: search.members ?? "sum" }),
    [search.score, search.members],
  );
  const at = query.data?.meta.captured_at ?? null;
  const all = query.data ? begun(query.data.data, at) : [];
  const long = all.length > RECENT;
  const points = long && search.seasons !== "all" ? all.slice(-RECENT) : all;
  const complete = query.data?.meta.complete ?? true;
  const heading = seasonsFinding(points, choice.score, complete ? at : null);
  const sub = subOf(points, choice, complete);
  const source = query.data && all.length > 0 ? sourceOf(query.data, all) : "";
  const empty = query.data && all.length === 0 ? emptyReason(query.data.meta, search, "season") : null;
  return (
    <Figure
      id="seasons"
      heading={heading}
      sub={sub}
      choices={
        <>
          <Segmented
            label="Score"
            value={choice.score}
            options={SCORES}
            onChange={(next) => change({ score: next === "mean" ? undefined : next })}
          />
          <Segmented
            label="Members"
            value={choice.members}
            options={MEMBERS}
            onChange={(next) => change({ members: next === "sum" ? undefined : next })}
          />
          {long && (
            <Segmented
              label="Seasons"
              value={search.seasons ?? "recent"}
              options={[
                ["recent", `Last ${RECENT}`],
                ["all", `All ${all.length}`],
              ]}
              onChange={(next) => change({ seasons: next === "all" ? next : undefined })}
            />
          )}
        </>
      }
      stale={isStale(query)}
      source={source}
      table={all.length > 0 ? <SeasonsRows points={points} /> : null}
      tableName="seasons"
      tableOpen={open}
      onTable={toggle}
      csv={address(SEASONAL_TREND, { ...selection, format: "csv" })}
      picture={() =>
        drawing.current && {
          drawing: drawing.current,
          caption: { heading, sub, source: fileSource(source, query) },
        }
      }
    >
      {at && all.length > 0 && <Seasons points={points} choice={choice} at={at} svg={drawing} />}
      <QueryBoundary query={query} empty={empty} what="The seasons" room={ROOM} />
    </Figure>
  );
}

function subOf(points: readonly SeasonPoint[], choice: SeasonsChoice, complete: boolean): string {
  const score = choice.score === "mean" ? "Mean" : "Median";
  const members = choice.members === "sum" ? "their members" : "the median of their members";
  const few = `: fewer than ${word(FEW)}`;
  const bars = points.some(({ titles }) => titles > 0 && titles < FEW) ? ` Hollow bar${few} titles.` : "";
  const dots = points.some((point) => point.scored > 0 && !isCompared(point))
    ? ` Hollow dot${few} titles scored, or not most of them; not compared.`
    : "";
  const part = complete ? "" : " Not every list came whole, so seasons may miss titles.";
  return `${score} score of each season’s titles above, ${members} below.${bars}${dots}${part}`;
}

function sourceOf({ data, meta }: SeasonalTrendResponse, drawn: readonly SeasonPoint[]): string {
  const first = drawn[0];
  const since = first ? `; ${plural(drawn.length, "season")} since ${seasonName(first)}` : "";
  const ahead = data.length - drawn.length;
  const later = ahead === 1 ? "season" : "seasons";
  const announced = ahead > 0 ? ` The CSV has ${word(ahead)} later ${later}, not begun by then.` : "";
  return `Source: ${captures(meta)}${since}.${announced}`;
}
