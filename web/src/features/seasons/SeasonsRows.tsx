import type { SeasonPoint } from "../../api/types.gen.ts";
import { integer, score } from "../../lib/format.ts";
import { seasonName } from "../../lib/seasons.ts";
import { type Column, numberColumn } from "../../ui/columns.ts";
import { DataTable } from "../../ui/DataTable.tsx";
import { useSort } from "../useSort.ts";

const SEASONS = ["winter", "spring", "summer", "fall"] as const;

const COLUMNS: readonly Column<SeasonPoint>[] = [
  {
    id: "season",
    head: "Season",
    kind: "day",
    value: ({ year, season }) => year * SEASONS.length + SEASONS.indexOf(season),
    cell: seasonName,
  },
  numberColumn("titles", "Titles", ({ titles }) => titles || null, integer),
  numberColumn("scored", "Scored", ({ scored }) => scored, integer, "phone"),
  numberColumn("mean_score", "Mean score", (point) => point.mean_score, scoreOrWords),
  numberColumn("median_score", "Median score", (point) => point.median_score, scoreOrWords, "phone"),
  numberColumn("members", "Members", ({ members }) => members, integer),
  numberColumn("median_members", "Median members", (point) => point.median_members, integer, "phone"),
];

/** The seasons drawn, newest first. */
export function SeasonsRows({ points }: { points: readonly SeasonPoint[] }) {
  return (
    <DataTable
      rows={points}
      columns={COLUMNS}
      rowKey={seasonName}
      instead={notObserved}
      unit="season"
      sorting={useSort("seasons", { column: "season", direction: "descending" })}
    />
  );
}

function notObserved({ titles }: SeasonPoint): string | null {
  return titles === 0 ? "not observed" : null;
}

function scoreOrWords(value: number | null): string {
  return value === null ? "no score" : score(value);
}
