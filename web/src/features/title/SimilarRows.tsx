import type { SimilarTitle } from "../../api/types.gen.ts";
import { score } from "../../lib/format.ts";
import { nameOf, type Script } from "../../lib/titles.ts";
import styles from "../rows.module.css";

/** The scores that were compared, week by week since the premiere. */
export function SimilarRows({ titles, script }: { titles: readonly SimilarTitle[]; script: Script }) {
  const weeks = Math.max(0, ...titles.map((title) => title.weeks.length));
  return (
    <table className={styles.rows}>
      <thead>
        <tr>
          <th scope="col">Week</th>
          {titles.map((title) => {
            const { text, lang } = nameOf(title, script);
            return (
              <th key={title.mal_id} scope="col" className={`n ${styles.name}`}>
                <bdi lang={lang}>{text}</bdi>
              </th>
            );
          })}
        </tr>
      </thead>
      <tbody>
        {Array.from({ length: weeks }, (_, week) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a week is its number.
          <tr key={week}>
            <th scope="row">{week + 1}</th>
            {titles.map((title) => (
              <td key={title.mal_id} className="n">
                {score(title.weeks[week] ?? null)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
