import type { Kind } from "../../api/queries.ts";
import type { GenreShare } from "../../api/types.gen.ts";
import { KIND_NAMES } from "../../findings/genres.ts";
import { capital, integer, percentInColumn, score } from "../../lib/format.ts";
import { type Column, numberColumn } from "../../ui/columns.ts";
import { DataTable } from "../../ui/DataTable.tsx";
import { useSort } from "../useSort.ts";

const NUMBERS: readonly Column<GenreShare>[] = [
  numberColumn("titles", "Titles", ({ titles }) => titles, integer),
  numberColumn(
    "share",
    "Share",
    ({ share }) => share,
    (share) => percentInColumn(share ?? 0),
  ),
  numberColumn("scored", "Scored", ({ scored }) => scored, integer, "phone"),
  numberColumn("mean_score", "Mean score", (genre) => genre.mean_score, score),
  numberColumn("members", "Members", ({ members }) => members, integer, "phone"),
];

/** Every row, those too that the drawing has no room for. */
export function GenresRows({ genres, kind }: { genres: readonly GenreShare[]; kind: Kind }) {
  const name: Column<GenreShare> = {
    id: "name",
    head: capital(KIND_NAMES[kind].one),
    kind: "name",
    value: (genre) => genre.name,
    cell: (genre) => genre.name,
  };
  return (
    <DataTable
      rows={genres}
      columns={[name, ...NUMBERS]}
      rowKey={(genre) => genre.genre_id}
      unit={KIND_NAMES[kind].one}
      sorting={useSort("genres", { column: "titles", direction: "descending" })}
    />
  );
}
