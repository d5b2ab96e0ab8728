import { useQuery } from "@tanstack/react-query";
import { useMemo, useRef } from "react";
import { address } from "../../api/client.ts";
import { SEASONAL_TREND, seasonsQuery } from "../../api/queries.ts";
import type { SeasonalTrendAnswer } from "../../api/types.gen.ts";
import { type SeasonsChoice, seasonsHeight } from "../../charts/seasons/layout.ts";
import { FEW_SCORED, seasonName, seasonsFinding } from "../../findings/seasons.ts";
import { instant } from "../../lib/dates.ts";
import { plural, word } from "../../lib/format.ts";
import { fileName, save, standalone } from "../../lib/picture.ts";
import { Figure } from "../../ui/Figure.tsx";
import { Segmented } from "../../ui/Segmented.tsx";
import { Empty, Failure, Skeleton } from "../../ui/States.tsx";
import { emptiness } from "../emptiness.ts";
import { staleNote } from "../freshness.ts";
import { useTable } from "../useTable.ts";
import { useView } from "../useView.ts";
import { Seasons } from "./Seasons.tsx";
import { SeasonsRows } from "./SeasonsRows.tsx";

/** Of a longer history only this many seasons are shown at first. */
const RECENT = 24;
const HEIGHT = seasonsHeight(1200) + 58;
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
  const { search, selection, change } = useView();
  const { open, toggle } = useTable("seasons");
  const query = useQuery(seasonsQuery(selection));
  const drawing = useRef<SVGSVGElement>(null);
  const choice = useMemo<SeasonsChoice>(
    () => ({ score: search.score ?? "mean", members: search.members ?? "sum" }),
    [search.score, search.members],
  );
  const all = query.data?.data ?? [];
  const long = all.length > RECENT;
  const points = long && search.seasons !== "all" ? all.slice(-RECENT) : all;
  const heading = seasonsFinding(points, choice.score);
  const sub = subOf(choice);
  const source = query.data && all.length > 0 ? sourceOf(query.data) : "";
  const empty = query.data && all.length === 0 ? emptiness(query.data.meta, search, "season") : null;
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
      stale={staleNote(query)}
      source={source}
      table={all.length > 0 ? <SeasonsRows points={points} /> : null}
      tableName="seasons"
      tableOpen={open}
      onTable={toggle}
      csv={address(SEASONAL_TREND, { ...selection, format: "csv" })}
      onPicture={() => {
        if (drawing.current) save(standalone(drawing.current, { heading, sub, source }), fileName(heading));
      }}
    >
      {all.length > 0 && <Seasons points={points} choice={choice} svg={drawing} />}
      {empty && (
        <Empty
          reason={empty.reason}
          hint={empty.hint}
          action={
            empty.action && { name: empty.action.name, onClick: () => change(empty.action?.change ?? {}) }
          }
        />
      )}
      {query.isPending && <Skeleton height={HEIGHT} />}
      {query.isError && !query.data && (
        <Failure what="The seasons" error={query.error} onRetry={() => void query.refetch()} />
      )}
    </Figure>
  );
}

function subOf(choice: SeasonsChoice): string {
  const score = choice.score === "mean" ? "Mean" : "Median";
  const members = choice.members === "sum" ? "the members of all of them" : "the members of the median title";
  return `${score} of the last known scores of the titles that premiered in a season, above; ${members}, below. Every title counts once. A hollow dot has fewer than ${word(FEW_SCORED)} scored titles.`;
}

function sourceOf({ data, meta }: SeasonalTrendAnswer): string {
  const first = data[0];
  const captured = meta.captured_at ? `, captured ${instant(meta.captured_at)}` : "";
  const since = first ? `; ${plural(data.length, "season")} since ${seasonName(first)}` : "";
  return `Source: ${meta.sources.join(", ")}${captured}${since}, data version ${meta.version}.`;
}
