import type { SeasonPoint } from "../../api/types.gen.ts";
import { integer, score } from "../../lib/format.ts";
import { seasonName } from "../../lib/seasons.ts";
import styles from "../rows.module.css";

/** The seasons drawn, newest first. */
export function SeasonsRows({ points }: { points: readonly SeasonPoint[] }) {
  return (
    <table className={styles.rows}>
      <thead>
        <tr>
          <th scope="col">Season</th>
          <th scope="col" className="n">
            Titles
          </th>
          <th scope="col" className={`n ${styles.wide}`}>
            Scored
          </th>
          <th scope="col" className="n">
            Mean score
          </th>
          <th scope="col" className={`n ${styles.wide}`}>
            Median score
          </th>
          <th scope="col" className="n">
            Members
          </th>
          <th scope="col" className={`n ${styles.wide}`}>
            Median members
          </th>
        </tr>
      </thead>
      <tbody>
        {points.toReversed().map((point) => (
          <tr key={seasonName(point)}>
            <th scope="row" className={styles.day}>
              {seasonName(point)}
            </th>
            {point.titles === 0 ? (
              <td colSpan={6}>not observed</td>
            ) : (
              <>
                <td className="n">{integer(point.titles)}</td>
                <td className={`n ${styles.wide}`}>{integer(point.scored)}</td>
                <td className="n">{scoreOrWords(point.mean_score)}</td>
                <td className={`n ${styles.wide}`}>{scoreOrWords(point.median_score)}</td>
                <td className="n">{integer(point.members)}</td>
                <td className={`n ${styles.wide}`}>{integer(point.median_members)}</td>
              </>
            )}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function scoreOrWords(value: number | null): string {
  return value === null ? "no score" : score(value);
}
