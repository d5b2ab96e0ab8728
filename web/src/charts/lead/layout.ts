// Geometry of the leading title's line over the last days.
import type { SparkDay } from "../../api/types.gen.ts";
import { shortDay } from "../../lib/dates.ts";
import { brokenLine, gaps, type Line, type Point } from "../core/line.ts";
import { bands, valueScale } from "../core/scales.ts";

const MARGIN = { top: 14, right: 64, bottom: 40, left: 38 };
/** So that a title that stands still looks still. */
const LEAST_SPAN = 0.12;
const LABEL_WIDTH = 64;

export interface LeadLayout {
  width: number;
  height: number;
  plot: { left: number; right: number; top: number; bottom: number };
  rows: { y: number; label: string }[];
  mark: { y: number } | null;
  line: Line;
  points: (Point | null)[];
  gaps: { x: number; width: number; upright: boolean }[];
  days: { x: number; day: string; observed: boolean; label: string | null }[];
  last: (Point & { score: number }) | null;
  /** The day under a pixel. */
  at: (pixel: number) => number;
}

/** Places everything for a drawing of that size. `mark` is a score to draw a line at. */
export function leadLayout(days: readonly SparkDay[], width: number, mark: number | null): LeadLayout {
  const height = width < 500 ? 232 : 304;
  const plot = {
    left: MARGIN.left,
    right: width - MARGIN.right,
    top: MARGIN.top,
    bottom: height - MARGIN.bottom,
  };
  const x = bands(days.length, [plot.left, plot.right]);
  const scores = days.flatMap((one) => (one.score === null ? [] : [one.score]));
  const y = valueScale(mark === null ? scores : [...scores, mark], {
    range: [plot.bottom - 6, plot.top],
    ticks: 5,
    span: LEAST_SPAN,
  });
  const points = days.map((one, index) =>
    one.score === null ? null : { x: x.center(index), y: y(one.score) },
  );
  const lastIndex = days.findLastIndex((one) => one.score !== null);
  const lastPoint = points[lastIndex];
  const lastScore = days[lastIndex]?.score;
  return {
    width,
    height,
    plot,
    rows: y.ticks.map((tick) => ({ y: y(tick), label: y.format(tick) })),
    mark: mark === null ? null : { y: y(mark) },
    line: brokenLine(points),
    points,
    gaps: gaps(days.map((one) => one.score)).map((gap) => {
      const span = (gap.to - gap.from + 1) * x.step;
      return { x: x.start(gap.from), width: span, upright: span < 96 };
    }),
    days: dayMarks(days, x, width),
    last:
      lastPoint && lastScore !== null && lastScore !== undefined ? { ...lastPoint, score: lastScore } : null,
    at: x.at,
  };
}

function dayMarks(days: readonly SparkDay[], x: ReturnType<typeof bands>, width: number): LeadLayout["days"] {
  const every = Math.max(1, Math.ceil(LABEL_WIDTH / x.step), Math.ceil(days.length / (width < 500 ? 3 : 6)));
  const last = days.length - 1;
  return days.map((one, index) => ({
    x: x.center(index),
    day: one.day,
    observed: one.score !== null,
    label: (last - index) % every === 0 ? shortDay(one.day) : null,
  }));
}
