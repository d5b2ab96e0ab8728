import type { TopAnime } from "../../api/types.gen.ts";
import type { Script } from "../../lib/titles.ts";
import styles from "../rows.module.css";
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
      <table className={styles.rows}>
        <thead>
          <tr>
            <th scope="col" className="n">
              Place
            </th>
            <th scope="col">Title</th>
            <th scope="col" className="n">
              Page
            </th>
            <th scope="col" className="n">
              RAW message
            </th>
          </tr>
        </thead>
        <tbody>
          {titles.map((title) => {
            return (
              <tr key={title.mal_id}>
                <td className="n">{title.place}</td>
                <th scope="row">
                  <TitleLink title={title} script={script} />
                </th>
                <td className="n">{title.origin.page ?? "–"}</td>
                <td className="n">{title.origin.seq}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </>
  );
}
