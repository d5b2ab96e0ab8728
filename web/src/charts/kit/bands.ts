// Bands over the days that nobody observed, and which of them are named.
import { gaps, type Point } from "./line.ts";
import type { TimeScale } from "./time.ts";
import { named, uprightAt } from "./upright.ts";

export interface GapBand {
  x: number;
  width: number;
  /** The height of its words; `null` where there is no room for them. */
  words: number | null;
}

/** Where values are missing; the words keep clear of the lines in the panel. */
export function gapBands(
  values: readonly unknown[],
  scale: TimeScale,
  { lines, panel }: { lines: readonly (readonly (Point | null)[])[]; panel: { top: number; bottom: number } },
): GapBand[] {
  const found = gaps(values).map(({ from, to }) => ({
    x: scale.start(from),
    width: (to - from + 1) * scale.step,
  }));
  const isNamed = named(found.map((gap) => gap.width));
  return found.map((gap, index) => ({
    ...gap,
    words:
      isNamed[index] && gap.width >= MIN_NAMED ? uprightAt(lines, { x: gap.x + gap.width / 2, panel }) : null,
  }));
}

/** A narrower one is no place for words. */
const MIN_NAMED = 5;
