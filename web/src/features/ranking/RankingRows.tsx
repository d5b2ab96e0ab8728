import type { TopAnime } from "../../api/types.gen.ts";
import { integer, score, signed } from "../../lib/format.ts";
import type { Script } from "../../lib/titles.ts";
import styles from "../rows.module.css";
import { TitleLink } from "../TitleLink.tsx";

/** Every number behind the ranking. */
export function RankingRows({ top, script }: { top: TopAnime; script: Script }) {
  return (
    <table className={styles.rows}>
      <thead>
        <tr>
          <th scope="col" className="n">
            Place
          </th>
          {top.previous && (
            <th scope="col" className="n">
              Before
            </th>
          )}
          <th scope="col">Title</th>
          <th scope="col" className="n">
            Score
          </th>
          {top.previous && (
            <th scope="col" className="n">
              Change
            </th>
          )}
          <th scope="col" className={`n ${styles.wide}`}>
            Votes
          </th>
          <th scope="col" className={`n ${styles.wide}`}>
            Members
          </th>
        </tr>
      </thead>
      <tbody>
        {top.titles.map((title) => {
          return (
            <tr key={title.mal_id}>
              <td className="n">{title.place}</td>
              {top.previous && <td className="n">{title.previous_place ?? "–"}</td>}
              <th scope="row">
                <TitleLink title={title} script={script} />
              </th>
              <td className="n">{score(title.score)}</td>
              {top.previous && <td className="n">{changeOf(title.score_change)}</td>}
              <td className={`n ${styles.wide}`}>{integer(title.scored_by)}</td>
              <td className={`n ${styles.wide}`}>{integer(title.members)}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

function changeOf(change: number | null): string {
  if (change === null) return "–";
  return change === 0 ? score(0) : signed(change, score);
}
