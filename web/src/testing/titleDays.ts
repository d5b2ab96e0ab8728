// Days of a title for tests of what is computed from them.
import type { TitleDay } from "../api/types.gen.ts";
import { DAY_MS, dayOf } from "../lib/dates.ts";

/** The days from one on, each with a score, or `null` where it was not observed. */
export function daysOf(
  first: string,
  scores: readonly (number | null)[],
  more: (index: number) => Partial<TitleDay> = () => ({}),
): TitleDay[] {
  return scores.map((score, index) => ({
    day: dayOf(new Date(Date.parse(first) + index * DAY_MS)),
    observed: score !== null,
    score,
    scored_by: score === null ? null : 5000 + index,
    rank: score === null ? null : 40 - index,
    popularity: score === null ? null : 400 - index,
    members: score === null ? null : 10_000 + 100 * index,
    favorites: score === null ? null : 200 + index,
    captured_at: null,
    source: score === null ? null : "jikan-sim",
    run: null,
    epoch: null,
    seq: null,
    edited: false,
    ...more(index),
  }));
}
