// Changes of a score around episodes, and the noise that they have to exceed.
import { DAY_MS } from "../lib/dates.ts";
import type { Episode } from "../lib/episodes.ts";

interface Known {
  day: string;
  value: number;
}

export interface Jump {
  episode: Episode;
  change: number;
  /** So many days after the episode. */
  after: number;
  /** So many days lie between those that it is the difference of, and whether each of them is known. */
  span: number;
  isWhole: boolean;
  /** The day by which it had happened. */
  at: Known;
}

/** An episode is judged by the days up to this one after it. */
const WITHIN = 3;
/** The day before it, or where nobody looked then, one of the two before that. */
const BEFORE = 3;
/** A change that is reached to this part has been reached. */
const MIN_SHARE = 0.85;
/** No smaller change is an episode's, and none of fewer usual days' changes. */
const MIN_JUMP = 0.05;
const TIMES_NOISE = 4;

/** What an ordinary day changes: the median of the changes from one day to the next. */
export function steadiness(known: readonly Known[]): number {
  const changes = known.slice(1).flatMap(({ day, value }, index) => {
    const before = known[index];
    return before && daysBetween(before.day, day) === 1 ? [Math.abs(value - before.value)] : [];
  });
  return changes.sort((a, b) => a - b)[Math.floor(changes.length / 2)] ?? 0;
}

/** The largest change around an episode that no ordinary days explain; `null` where there is none. */
export function largestJump(known: readonly Known[], episodes: readonly Episode[]): Jump | null {
  const least = Math.max(MIN_JUMP, TIMES_NOISE * steadiness(known));
  const jumps = episodes.flatMap((episode) => jumpAt(known, episode) ?? []);
  const largest = jumps.reduce<Jump | null>(
    (most, jump) => (most && Math.abs(most.change) >= Math.abs(jump.change) ? most : jump),
    null,
  );
  return largest && Math.abs(largest.change) >= least - 1e-9 ? largest : null;
}

function jumpAt(known: readonly Known[], episode: Episode): Jump | null {
  const before = known.findLast(({ day }) => day < episode.day);
  if (!before || daysBetween(before.day, episode.day) > BEFORE) return null;
  const near = known.filter(({ day }) => {
    const after = daysBetween(episode.day, day);
    return after >= 0 && after <= WITHIN;
  });
  const changeTo = ({ value }: Known) => Math.round((value - before.value) * 100) / 100;
  const most = Math.max(0, ...near.map((one) => Math.abs(changeTo(one))));
  const at = near.find((one) => most > 0 && Math.abs(changeTo(one)) >= MIN_SHARE * most);
  if (!at) return null;
  const span = daysBetween(before.day, at.day);
  const steps = known.filter(({ day }) => day > before.day && day <= at.day).length;
  const after = daysBetween(episode.day, at.day);
  return { episode, change: changeTo(at), after, span, isWhole: steps === span, at };
}

function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(to) - Date.parse(from)) / DAY_MS);
}
