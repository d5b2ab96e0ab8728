import { useMemo } from "react";
import type { TitleDay } from "../../api/types.gen.ts";
import { day as writeDay } from "../../lib/dates.ts";
import { integer, plural } from "../../lib/format.ts";
import { hasFewVotes, type Measure, WORDS } from "../../lib/measures.ts";
import { type Column, numberColumn } from "../../ui/columns.ts";
import { DataTable } from "../../ui/DataTable.tsx";
import { useSort } from "../useSort.ts";

const MEASURED = ["score", "rank", "popularity", "favorites", "members"] as const;

interface LineRowsProps {
  days: readonly TitleDay[];
  /** The one drawn above the members: a narrow table has these two. */
  measure: Measure;
}

/** The days drawn, newest first. */
export function LineRows({ days, measure }: LineRowsProps) {
  const columns = useMemo(() => columnsOf(days.length, measure), [days.length, measure]);
  return (
    <DataTable
      rows={days}
      columns={columns}
      rowKey={({ day }) => day}
      instead={notObserved}
      unit="day"
      sorting={useSort("line", { column: "day", direction: "descending" })}
    />
  );
}

function columnsOf(count: number, drawn: Measure): Column<TitleDay>[] {
  return [
    {
      id: "day",
      head: plural(count, "day"),
      kind: "day",
      value: ({ day }) => day,
      cell: ({ day, edited }) => writeDay(day) + (edited ? " (edited)" : ""),
    },
    ...MEASURED.map((measure) => {
      const leaves = measure === drawn || measure === "members" ? undefined : "narrow";
      const { name, write } = WORDS[measure];
      return numberColumn<TitleDay>(measure, name, (day) => day[measure], write, leaves);
    }),
    {
      ...numberColumn<TitleDay>("votes", "Votes", (day) => day.scored_by, integer, "narrow"),
      cell: (day) => integer(day.scored_by) + (day.score !== null && hasFewVotes(day) ? " (few)" : ""),
    },
  ];
}

function notObserved({ observed }: TitleDay): string | null {
  return observed ? null : "not observed";
}
