import { shortDay } from "../../lib/dates.ts";
import { plural, scoreOrWhy } from "../../lib/format.ts";
import { nameOf, type Script } from "../../lib/titles.ts";
import type { Column } from "../../ui/columns.ts";
import { DataTable } from "../../ui/DataTable.tsx";
import { TitleLink } from "../TitleLink.tsx";
import { useSort } from "../useSort.ts";
import type { Line } from "./lines.ts";

/** The place of a day in every line. */
type Row = { day: string; index: number };

/** The days drawn, newest first. */
export function LeadRows({ lines, script }: { lines: readonly Line[]; script: Script }) {
  const days = lines[0]?.days ?? [];
  const newest = days.at(-1)?.day;
  const columns: Column<Row>[] = [
    {
      id: "day",
      head: plural(days.length, "day"),
      kind: "day",
      value: ({ day }) => day,
      cell: ({ day }) => shortDay(day, newest),
    },
    ...lines.map(
      ({ title, days: line }): Column<Row> => ({
        id: String(title.mal_id),
        head: <TitleLink title={title} script={script} />,
        isLong: true,
        headText: nameOf(title, script).text,
        kind: "number",
        value: ({ index }) => line[index]?.score ?? null,
        cell: ({ index }) => scoreOrWhy(line[index]),
      }),
    ),
  ];
  return (
    <DataTable
      rows={days.map(({ day }, index) => ({ day, index }))}
      columns={columns}
      rowKey={({ day }) => day}
      unit="day"
      sorting={useSort("lead", { column: "day", direction: "descending" })}
    />
  );
}
