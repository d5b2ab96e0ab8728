// Days are counted in UTC, and so is everything that stands in a figure beside them; what is told of now is in the reader's zone. Both are named.

export const DAY_MS = 86_400_000;

const utc = (options: Intl.DateTimeFormatOptions) =>
  new Intl.DateTimeFormat("en-GB", { timeZone: "UTC", ...options });
const SHORT = utc({ day: "numeric", month: "short" });
const SHORT_YEAR = utc({ day: "numeric", month: "short", year: "numeric" });
const LONG_DAY = utc({ day: "numeric", month: "long" });
const LONG_DAY_YEAR = utc({ day: "numeric", month: "long", year: "numeric" });
const LONG = utc({ weekday: "long", day: "numeric", month: "long", year: "numeric" });

/** The UTC day of an instant, as `2026-11-23`. */
export function dayOf(instant: string | Date): string {
  return new Date(instant).toISOString().slice(0, 10);
}

/** "14 Dec"; with its year where that is not the year of the page's newest day. */
export function shortDay(day: string, newest: string = day): string {
  return (isSameYear(day, newest) ? SHORT : SHORT_YEAR).format(new Date(day));
}

/** "14 December"; with its year as above. */
export function dayName(day: string, newest: string = day): string {
  return (isSameYear(day, newest) ? LONG_DAY : LONG_DAY_YEAR).format(new Date(day));
}

function isSameYear(day: string, other: string): boolean {
  return dayOf(day).slice(0, 4) === dayOf(other).slice(0, 4);
}

/** "14 Dec 2026". */
export function day(value: string): string {
  return SHORT_YEAR.format(new Date(value));
}

/** "Monday, 14 December 2026". */
export function longDay(value: string): string {
  const parts = Object.fromEntries(
    LONG.formatToParts(new Date(value)).map((part) => [part.type, part.value]),
  );
  return `${parts.weekday}, ${parts.day} ${parts.month} ${parts.year}`;
}

/** The time of an instant with the zone's name: "04:12 CET". */
export function time(instant: string, zone?: string): string {
  return new Intl.DateTimeFormat("en-GB", {
    hour: "2-digit",
    minute: "2-digit",
    timeZoneName: "short",
    ...(zone === undefined ? {} : { timeZone: zone }),
  }).format(new Date(instant));
}

/** The zone of every day in a figure. */
const FIGURES = "UTC";

/** An instant in a figure: "14 Dec 2026, 04:12 UTC". */
export function captured(value: string): string {
  return instant(value, FIGURES);
}

/** When an earlier capture was: the hour of the same day, or its day as `write` has it. */
export function moment(
  earlier: string,
  later: string,
  write: (day: string, newest: string) => string,
): string {
  return dayOf(earlier) === dayOf(later) ? time(earlier, FIGURES) : write(earlier, later);
}

/** Marks a day that stands where the reader's calendar may have another. */
export function utcMark(value: string): string {
  return new Date(value).getTimezoneOffset() === 0 ? "" : " (UTC)";
}

/** "14 Dec 2026, 04:12 CET". */
export function instant(value: string, zone?: string): string {
  const date = new Intl.DateTimeFormat("en-GB", {
    day: "numeric",
    month: "short",
    year: "numeric",
    ...(zone === undefined ? {} : { timeZone: zone }),
  }).format(new Date(value));
  return `${date}, ${time(value, zone)}`;
}

/** An instant near now in words: "today at 04:12 CET", "yesterday at …", "on 14 Dec 2026 at …". */
export function near(value: string, now: Date, zone?: string): string {
  const local = (date: Date) =>
    new Intl.DateTimeFormat("en-CA", zone === undefined ? {} : { timeZone: zone }).format(date);
  const at = time(value, zone);
  const then = new Date(value);
  if (local(then) === local(now)) return `today at ${at}`;
  if (local(then) === local(new Date(now.getTime() - DAY_MS))) return `yesterday at ${at}`;
  const [date] = instant(value, zone).split(",");
  return `on ${date} at ${at}`;
}
