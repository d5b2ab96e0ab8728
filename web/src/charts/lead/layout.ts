// Geometry of the leading title's line over the last days.
import type { SparkDay } from "../../api/types.gen.ts";
import { shortDay } from "../../lib/dates.ts";
import { score } from "../../lib/format.ts";
import { brokenLine, gaps, type Line, type Point } from "../core/line.ts";
import { bands, type ValueScale, valueScale } from "../core/scales.ts";

const MARGIN = { top: 14, right: 64, bottom: 40, left: 38 };
/** So that a title that stands still looks still. */
const LEAST_SPAN = 0.3;
const LABEL_WIDTH = 64;

/** Least distance between the two scores written at the lines' ends. */
const TEXT_APART = 22;
/** Least distance between two labels of the score axis. */
const ROW_APART = 14;

type End = Point & { score: number };

export interface LeadLayout {
  width: number;
  height: number;
  plot: { left: number; right: number; top: number; bottom: number };
  rows: { y: number; label: string }[];
  /** The score that was crossed; a row of its own names it. */
  mark: { y: number } | null;
  line: Line;
  points: (Point | null)[];
  gaps: { x: number; width: number; upright: boolean }[];
  days: { x: number; day: string; observed: boolean; label: string | null }[];
  last: End | null;
  /** The line of the title behind, and where its score is written. */
  follower: { line: Line; last: End | null; textY: number } | null;
  /** The day under a pixel. */
  at: (pixel: number) => number;
}

export interface LeadData {
  days: readonly SparkDay[];
  /** The same days of the title behind, where it is near enough to be drawn beside. */
  follower: readonly SparkDay[] | null;
  /** A score to draw a line at. */
  mark: number | null;
}

/** Places everything for a drawing of that width. */
export function leadLayout({ days, follower, mark }: LeadData, width: number): LeadLayout {
  const height = width < 500 ? 232 : 304;
  const plot = {
    left: MARGIN.left,
    right: width - MARGIN.right,
    top: MARGIN.top,
    bottom: height - MARGIN.bottom,
  };
  const x = bands(days.length, [plot.left, plot.right]);
  const scores = [...days, ...(follower ?? [])].flatMap((one) => one.score ?? []);
  const y = valueScale(mark === null ? scores : [...scores, mark], {
    range: [plot.bottom - 6, plot.top],
    ticks: 5,
    span: LEAST_SPAN,
  });
  const place = (line: readonly SparkDay[]) =>
    line.map((one, index) =>
      one.score === null ? null : { x: x.center(index), y: y(one.score), score: one.score },
    );
  const points = place(days);
  const last = lastOf(points);
  const behind = follower && place(follower);
  const lastBehind = behind && lastOf(behind);
  return {
    width,
    height,
    plot,
    rows: rows(y, mark),
    mark: mark === null ? null : { y: y(mark) },
    line: brokenLine(points),
    points,
    gaps: gaps(days.map((one) => one.score)).map((gap) => {
      const span = (gap.to - gap.from + 1) * x.step;
      return { x: x.start(gap.from), width: span, upright: span < 96 };
    }),
    days: dayMarks(days, x, width),
    last,
    follower: behind && {
      line: brokenLine(behind),
      last: lastBehind,
      textY: Math.max(lastBehind?.y ?? 0, (last?.y ?? Number.NEGATIVE_INFINITY) + TEXT_APART),
    },
    at: x.at,
  };
}

/** The ticks, and the score that was crossed where no tick stands on it. */
function rows(y: ValueScale, mark: number | null): LeadLayout["rows"] {
  const ticks = y.ticks.map((tick) => ({ y: y(tick), label: y.format(tick) }));
  if (mark === null || y.ticks.includes(mark)) return ticks;
  const own = { y: y(mark), label: score(mark) };
  return [...ticks.filter((row) => Math.abs(row.y - own.y) >= ROW_APART), own];
}

function lastOf(points: readonly (End | null)[]): End | null {
  return points.findLast((point) => point !== null) ?? null;
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
