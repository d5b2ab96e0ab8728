import type { SimilarTitle } from "../../api/types.gen.ts";
import { score } from "../../lib/format.ts";
import type { Script } from "../../lib/titles.ts";
import { type Column, numberColumn } from "../../ui/columns.ts";
import { DataTable } from "../../ui/DataTable.tsx";
import { TitleName } from "../../ui/TitleName.tsx";
import { useSort } from "../useSort.ts";

/** The scores that were compared, week by week since the premiere. */
export function SimilarRows({ titles, script }: { titles: readonly SimilarTitle[]; script: Script }) {
  const count = Math.max(0, ...titles.map((title) => title.weeks.length));
  const columns: Column<number>[] = [
    { id: "week", head: "Week", kind: "name", value: (week) => week, cell: (week) => week + 1 },
    ...titles.map((title) => ({
      ...numberColumn<number>(
        String(title.mal_id),
        <TitleName named={title} script={script} />,
        (week) => title.weeks[week] ?? null,
        score,
      ),
      isLong: true,
    })),
  ];
  return (
    <DataTable
      rows={Array.from({ length: count }, (_, week) => week)}
      columns={columns}
      rowKey={(week) => week}
      unit="week"
      sorting={useSort("similar", { column: "week", direction: "ascending" })}
    />
  );
}
