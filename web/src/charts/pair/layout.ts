// Geometry of two short lines on one scale: a title's, and the one it is likened to.
import { brokenLine, type Line, type Point } from "../kit/line.ts";

export interface PairLayout {
  behind: Line;
  line: Line;
  /** Where the line ends. */
  end: Point | null;
}

const PAD = 4;
/** A smaller change than this looks flat. */
const MIN_SPAN = 0.1;

/** Both lines in a box; missing values break them. */
export function pairLayout(
  line: readonly (number | null)[],
  behind: readonly (number | null)[],
  { width, height }: { width: number; height: number },
): PairLayout {
  const known = [...line, ...behind].filter((value) => value !== null);
  const low = known.length > 0 ? Math.min(...known) : 0;
  const span = Math.max(MIN_SPAN, (known.length > 0 ? Math.max(...known) : 1) - low);
  const step = (width - 2 * PAD) / Math.max(1, Math.max(line.length, behind.length) - 1);
  const place = (values: readonly (number | null)[]) =>
    values.map((value, index) =>
      value === null
        ? null
        : { x: PAD + index * step, y: height - PAD - ((value - low) / span) * (height - 2 * PAD) },
    );
  const points = place(line);
  return {
    behind: brokenLine(place(behind)),
    line: brokenLine(points),
    end: points.findLast((point) => point !== null) ?? null,
  };
}
