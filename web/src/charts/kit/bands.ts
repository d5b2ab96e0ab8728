// Bands over the days that have no value, and which of them are named.
import { gaps, type Point } from "./line.ts";
import type { TimeScale } from "./time.ts";
import { named, uprightAt } from "./upright.ts";

export interface GapBand {
  x: number;
  width: number;
  /** Whether its words lie: they stand upright where it is narrow. */
  lying: boolean;
  /** The height of its words; `null` where there is no room for them. */
  words: number | null;
}

interface Around {
  /** What the words keep clear of. */
  lines: readonly (readonly (Point | null)[])[];
  panel: { top: number; bottom: number };
  /** So wide a band has its words lying, where no line can pass. */
  lyingFrom?: number;
}

/** A narrower one is no place for words. */
const MIN_NAMED = 4;

/** Where values are missing. */
export function gapBands(
  values: readonly unknown[],
  scale: TimeScale,
  { lines, panel, lyingFrom = Number.POSITIVE_INFINITY }: Around,
): GapBand[] {
  const found = gaps(values).map(({ from, to }) => ({
    x: scale.start(from),
    width: (to - from + 1) * scale.step,
  }));
  const isNamed = named(found.map((gap) => gap.width));
  return found.map(({ x, width }, index) => {
    const lying = width >= lyingFrom;
    const words = lying ? (panel.top + panel.bottom) / 2 : uprightAt(lines, { x: x + width / 2, panel });
    return { x, width, lying, words: isNamed[index] && width >= MIN_NAMED ? words : null };
  });
}
