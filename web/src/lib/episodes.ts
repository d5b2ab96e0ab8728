// When episodes aired, as far as a premiere and a weekly slot tell. Every day is an estimate: a break is not known.
import { DAY_MS, dayOf } from "./dates.ts";

/** What is known of a title's airing. Days are Japanese ones. */
export interface Airing {
  type: string | null;
  episodes: number | null;
  aired_from: string | null;
  aired_from_precision: string | null;
  aired_to: string | null;
  broadcast: string | null;
}

export interface Episode {
  number: number;
  /** The UTC day. */
  day: string;
}

const HOUR_MS = 3_600_000;
/** Japan is so far ahead of UTC, all year. */
const JST_MS = 9 * HOUR_MS;
const WEEK_MS = 7 * DAY_MS;
/** More than a title has in ten years. */
const MAX_EPISODES = 522;
/** A slot as it is written: "Wednesdays at 23:30 (JST)"; late ones may count on to 29 o'clock. */
const SLOT = /\b([0-2]?\d):([0-5]\d)\b/;

/** The premiere and the episodes after it, up to a day; none where the day of the premiere is not known. */
export function episodesUntil(airing: Airing, until: string): Episode[] {
  const { aired_from: from, aired_from_precision: precision, aired_to: to } = airing;
  if (from === null || precision !== "day") return [];
  const premiere = Date.parse(from) + slotOf(airing.broadcast);
  // The last one may be late by some days, and is still no new week's.
  const end = Math.min(
    Date.parse(until) + DAY_MS,
    to === null ? Number.POSITIVE_INFINITY : Date.parse(to) + WEEK_MS - DAY_MS,
  );
  const count = isWeekly(airing) ? Math.min(airing.episodes ?? MAX_EPISODES, MAX_EPISODES) : 1;
  return Array.from({ length: count }, (_, index) => premiere + index * WEEK_MS)
    .filter((at) => at < end)
    .map((at, index) => ({ number: index + 1, day: dayOf(new Date(at)) }));
}

/** A film has no weeks, and a series without a slot may have come out at once; television has one even where nobody wrote it down. */
function isWeekly({ type, broadcast }: Airing): boolean {
  return type === "TV" || (broadcast !== null && SLOT.test(broadcast));
}

/** From the start of a Japanese day, as UTC has it, to the slot; without one, the day stays what it is. */
function slotOf(broadcast: string | null): number {
  const [, hours, minutes] = SLOT.exec(broadcast ?? "") ?? [];
  if (hours === undefined) return 0;
  return (Number(hours) + Number(minutes) / 60) * HOUR_MS - JST_MS;
}

/** Nobody counts further back than so many days. */
const LONG_AGO = 27;

/** "2 days after episode 5", "3 days before the premiere"; `null` long after the last one. */
export function besideEpisode(day: string, episodes: readonly Episode[]): string | null {
  const [premiere] = episodes;
  if (!premiere) return null;
  const before = daysTo(premiere.day, day);
  if (before < 0) return `${count(-before)} before the premiere`;
  const last = episodes.findLast((one) => one.day <= day) ?? premiere;
  const after = daysTo(last.day, day);
  if (after > LONG_AGO) return null;
  const name = last.number === 1 ? "the premiere" : `episode ${last.number}`;
  return after === 0 ? `the day of ${name}` : `${count(after)} after ${name}`;
}

function count(days: number): string {
  return days === 1 ? "1 day" : `${days.toLocaleString("en-GB")} days`;
}

function daysTo(from: string, to: string): number {
  return Math.round((Date.parse(to) - Date.parse(from)) / DAY_MS);
}
