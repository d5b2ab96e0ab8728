import { useState } from "react";
import type { TitleDay } from "../../api/types.gen.ts";
import { day as writeDay } from "../../lib/dates.ts";
import { integer, plural } from "../../lib/format.ts";
import { hasFewVotes, type Measure, WORDS } from "../../lib/measures.ts";
import { Button } from "../../ui/Button.tsx";
import styles from "../rows.module.css";

const COLUMNS = ["score", "rank", "popularity", "favorites", "members"] as const;
/** More rows are drawn only for whoever asks for them. */
const FIRST = 370;

interface LineRowsProps {
  days: readonly TitleDay[];
  /** The one drawn above the members: a narrow table has these two. */
  measure: Measure;
}

/** The days drawn, newest first. */
export function LineRows({ days, measure: drawn }: LineRowsProps) {
  const [all, setAll] = useState(false);
  const rows = days.toReversed();
  return (
    <>
      <table className={styles.rows}>
        <thead>
          <tr>
            <th scope="col">{plural(days.length, "day")}</th>
            {COLUMNS.map((measure) => (
              <th key={measure} scope="col" className={classOf(measure, drawn)}>
                {WORDS[measure].name}
              </th>
            ))}
            <th scope="col" className={`n ${styles.more}`}>
              Votes
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, all ? rows.length : FIRST).map((day) => (
            <Row key={day.day} day={day} drawn={drawn} />
          ))}
        </tbody>
      </table>
      {!all && rows.length > FIRST && (
        <p>
          <Button onClick={() => setAll(true)}>{`Show all ${integer(rows.length)} days`}</Button>
        </p>
      )}
    </>
  );
}

function classOf(measure: (typeof COLUMNS)[number], drawn: Measure): string {
  return measure === drawn || measure === "members" ? "n" : `n ${styles.more}`;
}

function Row({ day, drawn }: { day: TitleDay; drawn: Measure }) {
  return (
    <tr>
      <th scope="row" className={styles.day}>
        {writeDay(day.day)}
      </th>
      {day.observed ? (
        <>
          {COLUMNS.map((measure) => (
            <td key={measure} className={classOf(measure, drawn)}>
              {WORDS[measure].write(day[measure])}
            </td>
          ))}
          <td className={`n ${styles.more}`}>
            {integer(day.scored_by)}
            {day.score !== null && hasFewVotes(day) ? " (few)" : ""}
          </td>
        </>
      ) : (
        <td colSpan={COLUMNS.length + 1}>not observed</td>
      )}
    </tr>
  );
}
