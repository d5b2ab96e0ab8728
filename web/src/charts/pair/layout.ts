// Geometry of two short lines: a title's, and the one it is likened to. Each lies about its own mean, on one scale of change.
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

type Values = readonly (number | null)[];

/** Both lines in a box; missing values break them. */
export function pairLayout(
  ownLine: Values,
  ownBehind: Values,
  { width, height }: { width: number; height: number },
): PairLayout {
  const line = aboutMean(ownLine, ownBehind);
  const behind = aboutMean(ownBehind, ownLine);
  const known = [...line, ...behind].filter((value) => value !== null);
  const low = known.length > 0 ? Math.min(...known) : 0;
  const span = Math.max(MIN_SPAN, (known.length > 0 ? Math.max(...known) : 1) - low);
  const step = (width - 2 * PAD) / Math.max(1, Math.max(line.length, behind.length) - 1);
  const place = (values: Values) =>
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

/** The values less the mean of those that both lines have. */
function aboutMean(values: Values, others: Values): Values {
  const common = values.filter((value, index) => value !== null && others[index] != null);
  const of = (common.length > 0 ? common : values).filter((value) => value !== null);
  const mean = of.reduce((sum, value) => sum + value, 0) / Math.max(1, of.length);
  return values.map((value) => (value === null ? null : value - mean));
}
