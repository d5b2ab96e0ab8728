import type { TitleWeek } from "../../api/types.gen.ts";
import { day } from "../../lib/dates.ts";
import { integer, score } from "../../lib/format.ts";
import styles from "../rows.module.css";

/** The weeks drawn, newest first. */
export function WeeksRows({ weeks }: { weeks: readonly TitleWeek[] }) {
  return (
    <table className={styles.rows}>
      <thead>
        <tr>
          <th scope="col">Week of</th>
          <th scope="col" className="n">
            By score
          </th>
          <th scope="col" className="n">
            By members gained
          </th>
          <th scope="col" className="n">
            Score
          </th>
          <th scope="col" className="n">
            Gained
          </th>
        </tr>
      </thead>
      <tbody>
        {weeks.toReversed().map((week) => (
          <tr key={week.week}>
            <th scope="row" className={styles.day}>
              {day(week.week)}
            </th>
            {week.observed ? (
              <>
                <td className="n">{integer(week.score_place)}</td>
                <td className="n">{integer(week.members_place)}</td>
                <td className="n">{score(week.score)}</td>
                <td className="n">{integer(week.members_gained)}</td>
              </>
            ) : (
              <td colSpan={4}>not observed</td>
            )}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
