// Words set upright in a gap: which gaps get them, and where they stand clear of the lines beside.
import type { Point } from "./line.ts";

/** How long "not observed" is at 12 pixels, and how far its characters reach to both sides. */
const LENGTH = 66;
const REACH = 5.5;
/** How much further a dot reaches than a line: its radius, and some paper. */
const DOT = 4.5 + 2;
/** Between the words' ends and a line. */
const APART = 6;
/** A gap as wide as this has words of its own; of narrower ones only the widest has. */
const WIDE = 16;

/** For each gap, whether it is named. */
export function named(widths: readonly number[]): boolean[] {
  const widest = widths.indexOf(Math.max(...widths));
  return widths.map((width, index) => width >= WIDE || index === widest);
}

interface Place {
  /** The middle of the gap. */
  x: number;
  panel: { top: number; bottom: number };
}

/** The middle of words that no line touches: low, high or between; `null` where there is no room. */
export function uprightAt(
  lines: readonly (readonly (Point | null)[])[],
  { x, panel: { top, bottom } }: Place,
): number | null {
  const taken = lines.flatMap((points) => heightsBeside(points, x));
  const half = LENGTH / 2;
  const places = [bottom - 10 - half, top + 8 + half, (top + bottom) / 2];
  const isFree = (y: number) =>
    taken.every(([high, low]) => low < y - half - APART || high > y + half + APART);
  return places.find(isFree) ?? null;
}

/** From where to where a line passes the words: each of its parts, and each point. */
function heightsBeside(points: readonly (Point | null)[], x: number): [high: number, low: number][] {
  const end = points.findLastIndex((point) => point !== null);
  return points.flatMap((to, index): [number, number][] => {
    if (!to) return [];
    const from = points[index - 1] ?? to;
    const next = points[index + 1];
    const dot = index === end || (from === to && !next);
    const isBeside = to.x >= x - REACH && from.x <= x + REACH;
    if (!isBeside && !(dot && Math.abs(to.x - x) <= REACH + DOT)) return [];
    return [[Math.min(from.y, to.y), Math.max(from.y, to.y)]];
  });
}
