import { useMemo } from "react";
import type { TitleWeek } from "../../api/types.gen.ts";
import { day } from "../../lib/dates.ts";
import { integer, score } from "../../lib/format.ts";
import { type Column, numberColumn } from "../../ui/columns.ts";
import { DataTable } from "../../ui/DataTable.tsx";
import { useSort } from "../useSort.ts";

interface WeeksRowsProps {
  weeks: readonly TitleWeek[];
  /** The list drawn: a narrow table has its places alone, and the members gained. */
  list: "score" | "members";
}

/** The weeks, newest first. */
export function WeeksRows({ weeks, list }: WeeksRowsProps) {
  const columns = useMemo(() => columnsOf(list), [list]);
  return (
    <DataTable
      rows={weeks}
      columns={columns}
      rowKey={({ week }) => week}
      instead={notObserved}
      unit="week"
      sorting={useSort("weeks", { column: "week", direction: "descending" })}
    />
  );
}

function columnsOf(list: WeeksRowsProps["list"]): Column<TitleWeek>[] {
  const leaves = (of: WeeksRowsProps["list"]) => (of === list ? undefined : "narrow");
  return [
    { id: "week", head: "Week of", kind: "day", value: ({ week }) => week, cell: ({ week }) => day(week) },
    numberColumn("score_place", "By score", (week) => week.score_place, integer, leaves("score")),
    numberColumn(
      "members_place",
      "By members gained",
      (one) => one.members_place,
      integer,
      leaves("members"),
    ),
    numberColumn("score", "Score", (week) => week.score, score, "narrow"),
    numberColumn("gained", "Gained", (week) => week.members_gained, integer),
  ];
}

function notObserved({ observed }: TitleWeek): string | null {
  return observed ? null : "not observed";
}
