// How the newest season stands among those before it.
import type { SeasonPoint } from "../api/types.gen.ts";
import { integer, plural, score } from "../lib/format.ts";
import { FEW, isCompared, type Statistic, scoreOf, seasonName } from "../lib/seasons.ts";

/** Seasons further apart than a year are not compared one with the other. */
const FURTHEST = 4;
const PLAIN = "Score and members by season";
/** A smaller difference between two seasons is called level. */
const NOTABLE = 0.02;

const FIRST_MONTH = { winter: 0, spring: 3, summer: 6, fall: 9 } as const;

/** The seasons that had begun at an instant: titles of later ones have not premiered. */
export function begun(points: readonly SeasonPoint[], at: string | null): SeasonPoint[] {
  if (at === null) return [];
  return points.filter(({ year, season }) => Date.UTC(year, FIRST_MONTH[season]) <= Date.parse(at));
}

/** " so far" of a season that is not over at an instant. */
function soFar({ year, season }: SeasonPoint, at: string): string {
  return Date.UTC(year, FIRST_MONTH[season] + 3) > Date.parse(at) ? " so far" : "";
}

/** What must be said of a season beside its numbers; `null` where they stand for themselves. */
export function seasonNote(point: SeasonPoint, at: string): string | null {
  return [soFar(point, at).trim(), weakness(point)].filter(Boolean).join(", ") || null;
}

function weakness(point: SeasonPoint): string | null {
  if (point.titles === 0) return "not observed";
  if (point.mean_score === null)
    return point.titles === 1 ? "its title has no score" : "no title has a score";
  if (point.titles < FEW) return "too few titles to compare";
  return isCompared(point)
    ? null
    : `too few scores to compare: ${integer(point.scored)} of ${integer(point.titles)} titles`;
}

function ordinalOf({ year, season }: SeasonPoint): number {
  return year * 4 + FIRST_MONTH[season] / 3;
}

/** The finding at an instant about the newest season compared; at none of lists that are not whole. */
export function seasonsFinding(
  points: readonly SeasonPoint[],
  statistic: Statistic,
  at: string | null,
): string {
  if (at === null) return PLAIN;
  const known = points.filter(isCompared);
  const last = known.at(-1);
  const before = known.at(-2);
  if (!last || !before) return PLAIN;
  const value = scoreOf(last, statistic) ?? 0;
  const others = known.slice(0, -1).map((point) => scoreOf(point, statistic) ?? 0);
  const yet = soFar(last, at);
  const isPart = yet && last.scored < last.titles;
  const share = isPart ? `; ${integer(last.scored)} of its ${integer(last.titles)} titles are scored` : "";
  const stands = (rank: string) =>
    `${seasonName(last)} has the ${rank} ${statistic} score${yet}, ${score(value)}, of the ${plural(known.length, "season")} compared${share}`;
  if (known.length > 2 && value > Math.max(...others)) return stands("highest");
  if (known.length > 2 && value < Math.min(...others)) return stands("lowest");
  if (ordinalOf(last) - ordinalOf(before) > FURTHEST) return PLAIN;
  const change = value - (scoreOf(before, statistic) ?? 0);
  const about = `The ${statistic} score of ${seasonName(last)}${yet}, ${score(value)}, is`;
  const other = `that of ${seasonName(before)}`;
  if (Math.abs(change) < NOTABLE) return `${about} about level with ${other}`;
  return `${about} ${score(Math.abs(change))} ${change > 0 ? "above" : "below"} ${other}`;
}
