// Where a title stands on a weekly list.
import type { Standing } from "../api/types.gen.ts";
import { shortDay } from "../lib/dates.ts";
import { capital, ordinal, plural, word } from "../lib/format.ts";

/** Its place in the newest week and how that came about, or its best one. `places` are those of all weeks, oldest first. */
export function placesFinding(
  standing: Standing,
  newest: string,
  places: readonly (number | null)[],
): string {
  const { place, last_week: before, peak, peak_week: when, weeks } = standing;
  const week = `in the week of ${shortDay(newest)}`;
  const best =
    peak === null ? "" : `${ordinal(peak)}${when ? ` in the week of ${shortDay(when, newest)}` : ""}`;
  if (place === null)
    return peak === null ? "Not on the weekly list" : `No place ${week}; its best was ${best}`;
  const name = ordinal(place);
  if (before !== null && before > place) return `Up from ${ordinal(before)} to ${name} ${week}`;
  if (before !== null && before < place) return `Down from ${ordinal(before)} to ${name} ${week}`;
  const held = heldWords(place, places);
  if (peak !== null && peak < place) return `${capital(name)} ${week}${held}; its best was ${best}`;
  return `${capital(name)} ${week}${held}${weeks > 1 ? `; ${plural(weeks, "week")} on the list` : ""}`;
}

/** Since when it has had the place of the newest week: " and the three before". */
function heldWords(place: number, places: readonly (number | null)[]): string {
  const before = places.length - 2 - places.findLastIndex((one) => one !== place);
  if (before < 1) return "";
  return before === 1 ? " and the one before" : ` and the ${word(before)} before`;
}
