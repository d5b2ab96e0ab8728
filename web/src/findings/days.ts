// The days of the leading title's line: its ranking may be older than the newest day captured, and days may have been missed since.
import type { HistoryDay, Meta } from "../api/types.gen.ts";
import { DAY_MS, dayOf } from "../lib/dates.ts";
import { plural } from "../lib/format.ts";

/** A source that has been silent for longer is an archive: nobody meant to capture. */
const MAX_SILENT = 14;
/** More days missed than this are not drawn. */
const MAX_DRAWN = 60;

interface Shown {
  readAt: string;
  /** The day or instant that the address names. */
  asOf?: string | undefined;
  /** The day of the captures' calendar, where it is known: it may run fast. */
  today?: string | undefined;
}

/** The last day to be drawn: the newest one captured, or one since that has passed without a capture. */
export function lastDay({ captured_at }: Meta, { readAt, asOf, today }: Shown): string | null {
  if (captured_at === null) return null;
  const newest = dayOf(captured_at);
  // The end of a day belongs to it; a day that is not over may still be observed.
  const newestDay = today === undefined ? Number.POSITIVE_INFINITY : Date.parse(today) + DAY_MS - 1;
  const end = Math.min(Date.parse(readAt), asOf === undefined ? newestDay : endOf(asOf));
  const over = dayOf(new Date(end - DAY_MS));
  const silent = daysBetween(newest, over);
  return silent > 0 && silent <= MAX_SILENT ? over : newest;
}

/** The days with those up to `until` that were not observed. */
export function withMissed(spark: readonly HistoryDay[], until: string | null): HistoryDay[] {
  const last = spark.at(-1)?.day;
  if (last === undefined || until === null) return [...spark];
  const missed = Math.max(0, Math.min(MAX_DRAWN, daysBetween(last, until)));
  const after = Array.from({ length: missed }, (_, index) => ({
    day: dayOf(new Date(Date.parse(last) + (index + 1) * DAY_MS)),
    score: null,
    observed: false,
  }));
  return [...spark, ...after];
}

/** "2 days not observed, 1 day without a score": why a line over these days has holes; `null` where it has none. */
export function holes(days: readonly HistoryDay[]): string | null {
  const missed = days.filter((one) => !one.observed).length;
  const unscored = days.filter((one) => one.observed && one.score === null).length;
  const words = [
    missed > 0 && `${plural(missed, "day")} not observed`,
    unscored > 0 && `${plural(unscored, "day")} without a score`,
  ].filter(Boolean);
  return words.length > 0 ? words.join(", ") : null;
}

function endOf(dayOrInstant: string): number {
  const start = Date.parse(dayOrInstant);
  return dayOf(new Date(start)) === dayOrInstant ? start + DAY_MS : start + 1;
}

function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(to) - Date.parse(from)) / DAY_MS);
}
