// The names under the seasonal trend: of seasons where there is room, of years everywhere.

import type { SeasonPoint } from "../../api/types.gen.ts";
import { SEASON_NAMES } from "../../lib/seasons.ts";
import type { bands } from "../kit/scales.ts";

const YEAR_WIDTH = 40;
const HALF_LABEL = 16;
/** How far the last year's name may reach beyond the axis. */
const OVERHANG = 8;
/** A season's first letter needs this much room, one that tells the two S apart more, its name most. */
const LETTER_WIDTH = 14;
const CHARACTER_WIDTH = 20;
const NAME_WIDTH = 60;
const MAX_CHARACTERS = { winter: "W", spring: "Sp", summer: "Su", fall: "A" } as const;

export interface Year {
  x: number;
  start: number;
  label: string | null;
  /** Whether the name reaches over its own tick, which is then short. */
  crossed: boolean;
}

/** What a season is called in so much room. */
export function seasonLabel({ season }: SeasonPoint, room: number): string | null {
  if (room >= NAME_WIDTH) return SEASON_NAMES[season];
  if (room >= CHARACTER_WIDTH) return MAX_CHARACTERS[season];
  return room >= LETTER_WIDTH ? MAX_CHARACTERS[season].charAt(0) : null;
}

/** The first and the last year are always named; one between them where its name has room. */
export function years(points: readonly SeasonPoint[], x: ReturnType<typeof bands>): Year[] {
  const starts = points.flatMap((point, index) =>
    index === 0 || points[index - 1]?.year !== point.year ? [index] : [],
  );
  const every = Math.max(1, Math.ceil(YEAR_WIDTH / (x.step * 4)));
  const end = x.start(points.length);
  const placed = starts.map((from, nth) => {
    const start = x.start(from);
    // One label may stand for several years: it then begins at its tick.
    const room = every === 1 ? x.start(starts[nth + 1] ?? points.length) - start : every * 4 * x.step;
    const width = Math.min(room, end - start);
    const middle = start + Math.min(width, Math.max(YEAR_WIDTH, 4 * x.step)) / 2;
    const year = points[from]?.year ?? 0;
    const outer = nth === 0 || nth === starts.length - 1;
    const at = outer ? outerName({ start, width, middle, end }, nth === 0) : middle;
    const named = outer || (width >= YEAR_WIDTH && year % every === 0);
    return { x: at, start, label: named ? String(year) : null, crossed: at - HALF_LABEL < start };
  });
  const [first, last] = [placed[0], placed.at(-1)];
  const fits = (year: (typeof placed)[number]) =>
    year === first || year === last || (isApart(first, year) && isApart(year, last));
  return placed.map((year) => (fits(year) ? year : { ...year, label: null }));
}

/** Where the first or last year's name stands: where it has no room, it reaches beyond the axis, not into the next year. */
function outerName(
  year: { start: number; width: number; middle: number; end: number },
  first: boolean,
): number {
  if (year.width >= 2 * HALF_LABEL) return year.middle;
  if (first && year.start + year.width < year.end) return year.start + year.width - HALF_LABEL;
  return Math.min(year.start + HALF_LABEL, year.end + OVERHANG - HALF_LABEL);
}

/** Whether the name of the year before reaches neither the tick nor the name of the year after. */
function isApart(
  before: { x: number } | undefined,
  after: { x: number; start: number } | undefined,
): boolean {
  if (!before || !after) return true;
  return before.x + HALF_LABEL <= Math.min(after.start, after.x - HALF_LABEL);
}
