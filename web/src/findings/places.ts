// Where a title stands on a weekly list.
import type { Standing } from "../api/types.gen.ts";
import { shortDay } from "../lib/dates.ts";
import { capital, ordinal, plural } from "../lib/format.ts";

/** Its place now and how that came about, or its best one. */
export function placesFinding({ place, last_week: before, peak, peak_week: when, weeks }: Standing): string {
  const best = peak === null ? "" : `${ordinal(peak)}${when ? ` in the week of ${shortDay(when)}` : ""}`;
  if (place === null)
    return peak === null ? "Not on the weekly list" : `No place this week; its best was ${best}`;
  if (before !== null && before > place) return `Up from ${ordinal(before)} to ${ordinal(place)} this week`;
  if (before !== null && before < place) return `Down from ${ordinal(before)} to ${ordinal(place)} this week`;
  const name = ordinal(place);
  const held = before === null ? "" : " and the week before";
  if (weeks > 1 && peak !== null && peak < place)
    return `${capital(name)} this week${held}; its best was ${best}`;
  return `${capital(name)} this week${held}${weeks > 1 ? `; ${plural(weeks, "week")} on the list` : ""}`;
}
