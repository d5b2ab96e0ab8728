import type { Change, EpisodeRow } from "../../findings/episodes.ts";
import { longDay } from "../../lib/dates.ts";
import { integer, score, signed } from "../../lib/format.ts";
import { Delta } from "../../ui/Delta.tsx";
import styles from "./EpisodesTable.module.css";

/** A bar fills its column by no smaller change of the score. */
const LEAST_SPAN = 0.1;

/** Episodes, newest first, with bars from zero to both sides. */
export function EpisodesTable({ rows }: { rows: readonly EpisodeRow[] }) {
  const scores = extent(
    rows.map((row) => row.score),
    LEAST_SPAN,
  );
  const members = extent(rows.map((row) => row.members));
  return (
    <table className={styles.table}>
      <thead>
        <tr>
          <th scope="col">Episode</th>
          <th scope="col" className={styles.aired}>
            Aired, estimated
          </th>
          <th scope="col" colSpan={2}>
            Score
          </th>
          <th scope="col" colSpan={2}>
            Members
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.toReversed().map(({ number, day, score: change, members: gained }) => (
          <tr key={number}>
            <th scope="row">{number}</th>
            <td className={styles.aired}>{shortWeekday(day)}</td>
            {typeof change === "number" ? (
              <>
                <td className={styles.number}>
                  <Delta value={change} write={score} />
                </td>
                <td>
                  <Bar value={change} extent={scores} kind={change < 0 ? "down" : "up"} />
                </td>
              </>
            ) : (
              <td colSpan={2} className={styles.none}>
                {change}
              </td>
            )}
            {typeof gained === "number" ? (
              <>
                <td className={styles.number}>{signed(gained, integer)}</td>
                <td>
                  <Bar value={gained} extent={members} kind="members" />
                </td>
              </>
            ) : (
              <td colSpan={2} className={styles.none}>
                {gained}
              </td>
            )}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

interface BarProps {
  value: number;
  extent: readonly [low: number, high: number];
  kind: "up" | "down" | "members";
}

/** A bar from the column's zero. The number beside it says the same. */
function Bar({ value, extent: [low, high], kind }: BarProps) {
  const share = (of: number) => `${((100 * of) / (high - low || 1)).toFixed(2)}%`;
  const zero = share(-low);
  return (
    <svg className={styles.bar} aria-hidden="true">
      <rect
        className={styles[kind]}
        x={value < 0 ? share(value - low) : zero}
        y="2"
        width={share(Math.abs(value))}
        height="10"
      />
      <line className={styles.zero} x1={zero} x2={zero} y1="0" y2="14" />
    </svg>
  );
}

/** From the lowest to the highest, zero among them, and no less than `least` apart. */
export function extent(changes: readonly Change[], least = 0): [number, number] {
  const numbers = changes.filter((change) => typeof change === "number");
  const [low, high] = [Math.min(0, ...numbers), Math.max(0, ...numbers)];
  const more = Math.max(0, least - (high - low));
  return high >= -low ? [low, high + more] : [low - more, high];
}

/** "Wed 7 Oct". */
function shortWeekday(day: string): string {
  const [weekday = "", date = ""] = longDay(day).split(", ");
  const [number, month = ""] = date.split(" ");
  return `${weekday.slice(0, 3)} ${number} ${month.slice(0, 3)}`;
}
