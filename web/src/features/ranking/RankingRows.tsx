import { useMemo } from "react";
import type { TopAnime, TopTitle } from "../../api/types.gen.ts";
import { integer, score, signed } from "../../lib/format.ts";
import { nameOf, type Script } from "../../lib/titles.ts";
import { type Column, numberColumn } from "../../ui/columns.ts";
import { DataTable } from "../../ui/DataTable.tsx";
import { TitleLink } from "../TitleLink.tsx";
import { useSort } from "../useSort.ts";

/** Every number behind the ranking. */
export function RankingRows({ top, script }: { top: TopAnime; script: Script }) {
  const isCompared = top.previous !== null;
  const columns = useMemo(() => columnsOf(script, isCompared), [script, isCompared]);
  return (
    <DataTable
      rows={top.titles}
      columns={columns}
      rowKey={(title) => title.mal_id}
      unit="title"
      sorting={useSort("top", { column: "place", direction: "ascending" })}
    />
  );
}

function columnsOf(script: Script, isCompared: boolean): Column<TopTitle>[] {
  const columns: (Column<TopTitle> | null)[] = [
    numberColumn("place", "Place", ({ place }) => place, integer),
    isCompared ? numberColumn("before", "Before", (title) => title.previous_place, integer) : null,
    {
      id: "title",
      head: "Title",
      kind: "name",
      value: (title) => nameOf(title, script).text,
      cell: (title) => <TitleLink title={title} script={script} />,
    },
    numberColumn("score", "Score", (title) => title.score, score),
    isCompared ? numberColumn("change", "Change", (title) => title.score_change, changeOf) : null,
    numberColumn("votes", "Votes", (title) => title.scored_by, integer, "phone"),
    numberColumn("members", "Members", ({ members }) => members, integer, "phone"),
  ];
  return columns.filter((column) => column !== null);
}

function changeOf(change: number | null): string {
  if (change === null) return "–";
  return change === 0 ? score(0) : signed(change, score);
}
