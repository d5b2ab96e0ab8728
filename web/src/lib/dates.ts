// Days and times are in UTC everywhere: an hour of another zone may lie on another day than the figures beside it.

export const DAY_MS = 86_400_000;

const utc = (options: Intl.DateTimeFormatOptions) =>
  new Intl.DateTimeFormat("en-GB", { timeZone: "UTC", ...options });
const SHORT = utc({ day: "numeric", month: "short" });
const SHORT_YEAR = utc({ day: "numeric", month: "short", year: "numeric" });
const LONG_DAY = utc({ day: "numeric", month: "long" });
const LONG_DAY_YEAR = utc({ day: "numeric", month: "long", year: "numeric" });
const TIME = utc({ hour: "2-digit", minute: "2-digit", timeZoneName: "short" });
const SECONDS = utc({ hour: "2-digit", minute: "2-digit", second: "2-digit", timeZoneName: "short" });
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

/** The time of an instant: "04:12 UTC". */
export function time(instant: string): string {
  return TIME.format(new Date(instant));
}

/** When an earlier capture was: the hour of the same day, or its day as `write` has it. */
export function moment(
  earlier: string,
  later: string,
  write: (day: string, newest: string) => string,
): string {
  return dayOf(earlier) === dayOf(later) ? time(earlier) : write(earlier, later);
}

/** An instant: "14 Dec 2026, 04:12 UTC". */
export function instant(value: string): string {
  return `${day(value)}, ${time(value)}`;
}

/** An instant to the second: "14 Dec 2026, 04:12:37 UTC". */
export function exactInstant(value: string): string {
  return `${day(value)}, ${exactTime(value)}`;
}

/** The time of an instant to the second: "04:12:37 UTC". */
export function exactTime(instant: string): string {
  return SECONDS.format(new Date(instant));
}

/** An instant near now in words: "today at 04:12 UTC", "yesterday at …", "on 14 Dec 2026 at …". */
export function near(value: string, now: Date): string {
  const at = time(value);
  const then = dayOf(value);
  if (then === dayOf(now)) return `today at ${at}`;
  if (then === dayOf(new Date(now.getTime() - DAY_MS))) return `yesterday at ${at}`;
  return `on ${day(value)} at ${at}`;
}
