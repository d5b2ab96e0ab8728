// Geometry of a sparkline: as wide as it is told, on its own scale.
import { brokenLine, type Line, type Point } from "../kit/line.ts";

export interface SparklineLayout {
  line: Line;
  last: Point | null;
}

const PAD = { x: 3, top: 4, bottom: 5 };
/** A smaller change than this looks flat. */
const MIN_SPAN = 0.04;

/** The line of the values in a box; missing ones break it. */
export function sparklineLayout(
  values: readonly (number | null)[],
  width: number,
  height: number,
): SparklineLayout {
  const known = values.filter((value) => value !== null);
  if (known.length === 0) return { line: { path: "", isolated: [] }, last: null };
  const low = Math.min(...known);
  const high = Math.max(...known);
  const span = Math.max(high - low, MIN_SPAN);
  const base = (low + high - span) / 2;
  const step = (width - 2 * PAD.x) / Math.max(1, values.length - 1);
  const points = values.map((value, index) =>
    value === null
      ? null
      : {
          x: PAD.x + index * step,
          y: height - PAD.bottom - ((value - base) / span) * (height - PAD.top - PAD.bottom),
        },
  );
  return { line: brokenLine(points), last: points.findLast((point) => point !== null) ?? null };
}
