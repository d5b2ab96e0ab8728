// What the table of the episodes and its file have in common.
import type { Change, EpisodeRow } from "../../findings/episodes.ts";
import { longDay } from "../../lib/dates.ts";

export type Extent = readonly [low: number, high: number];

/** A bar fills its column by no smaller change of the score. */
const MIN_SPAN = 0.1;

/** What the bars of the two columns reach over. */
export function extentsOf(rows: readonly EpisodeRow[]): { score: Extent; members: Extent } {
  return {
    score: extent(
      rows.map((row) => row.score),
      MIN_SPAN,
    ),
    members: extent(rows.map((row) => row.members)),
  };
}

/** From the lowest to the highest, zero among them, and no less than `least` apart. */
export function extent(changes: readonly Change[], least = 0): Extent {
  const numbers = changes.filter((change) => typeof change === "number");
  const [low, high] = [Math.min(0, ...numbers), Math.max(0, ...numbers)];
  const more = Math.max(0, least - (high - low));
  return high >= -low ? [low, high + more] : [low - more, high];
}

/** "Wed 7 Oct". */
export function shortWeekday(day: string): string {
  const [weekday = "", date = ""] = longDay(day).split(", ");
  const [number, month = ""] = date.split(" ");
  return `${weekday.slice(0, 3)} ${number} ${month.slice(0, 3)}`;
}
