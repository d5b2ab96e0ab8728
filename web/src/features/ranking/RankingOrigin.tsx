import type { TopAnime, TopTitle } from "../../api/types.gen.ts";
import { integer } from "../../lib/format.ts";
import type { Script } from "../../lib/titles.ts";
import { numberColumn } from "../../ui/columns.ts";
import { DataTable } from "../../ui/DataTable.tsx";
import { TitleLink } from "../TitleLink.tsx";

/** The message and the page that each row of the ranking came in, the run, and the files that keep it. */
export function RankingOrigin({ top: { run, titles }, script }: { top: TopAnime; script: Script }) {
  const files = [...new Set(titles.flatMap((title) => title.origin.archive ?? []))];
  return (
    <>
      <p>
        {run && (
          <>
            Run <code>{run.run}</code>.
          </>
        )}{" "}
        {files.length > 0 && (
          <>
            Archived in <code>{files.join(", ")}</code>.
          </>
        )}
      </p>
      <DataTable
        rows={titles}
        columns={[
          numberColumn<TopTitle>("place", "Place", ({ place }) => place, integer),
          {
            id: "title",
            head: "Title",
            kind: "name",
            cell: (title) => <TitleLink title={title} script={script} />,
          },
          numberColumn<TopTitle>("page", "Page", ({ origin }) => origin.page ?? null, integer),
          {
            ...numberColumn<TopTitle>("seq", "RAW message", ({ origin }) => origin.seq, String),
            cell: ({ origin: { seq, edited } }) => `${seq}${edited ? " (edited)" : ""}`,
          },
        ]}
        rowKey={(title) => title.mal_id}
      />
    </>
  );
}
