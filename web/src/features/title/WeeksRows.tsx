import type { TitleWeek } from "../../api/types.gen.ts";
import { day } from "../../lib/dates.ts";
import { integer, score } from "../../lib/format.ts";
import styles from "../rows.module.css";

interface WeeksRowsProps {
  weeks: readonly TitleWeek[];
  /** The list drawn: a narrow table has its places alone, and the members gained. */
  list: "score" | "members";
}

/** The weeks, newest first. */
export function WeeksRows({ weeks, list }: WeeksRowsProps) {
  const more = `n ${styles.more}`;
  const [byScore, byMembers] = list === "score" ? ["n", more] : [more, "n"];
  return (
    <table className={styles.rows}>
      <thead>
        <tr>
          <th scope="col">Week of</th>
          <th scope="col" className={byScore}>
            By score
          </th>
          <th scope="col" className={byMembers}>
            By members gained
          </th>
          <th scope="col" className={more}>
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
                <td className={byScore}>{integer(week.score_place)}</td>
                <td className={byMembers}>{integer(week.members_place)}</td>
                <td className={more}>{score(week.score)}</td>
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
