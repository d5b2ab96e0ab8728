// Geometry of the seasonal trend: score above, members below, on one time axis.
import type { SeasonPoint } from "../../api/types.gen.ts";
import { FEW, SEASON_NAMES, type Statistic, scoreOf } from "../../findings/seasons.ts";
import { compact } from "../../lib/format.ts";
import { gaps, type Point, weakLine } from "../core/line.ts";
import { bands, valueScale } from "../core/scales.ts";

export type MembersStatistic = "sum" | "median";

const MARGIN = { top: 22, right: 52, bottom: 42, left: 44 };
const BETWEEN = 40;
const YEAR_WIDTH = 40;
const HALF_LABEL = 16;
/** How far the last year's name may reach beyond the axis. */
const OVERHANG = 8;
/** A season's letter needs this much room, and its name that much. */
const LETTER_WIDTH = 20;
const NAME_WIDTH = 60;
const LETTERS = { winter: "W", spring: "Sp", summer: "Su", fall: "A" } as const;

/** A narrower bar has no room for an edge. */
const LEAST_HOLLOW = 4;
/** A word set upright needs this much room. */
const UPRIGHT_WIDTH = 16;

type Score = Point & { few: boolean };

interface Bar {
  x: number;
  y: number;
  width: number;
  height: number;
  /** How the bar of few titles is drawn: in outline, or too thin for one. */
  weak: "hollow" | "thin" | null;
}

interface SeasonMark {
  x: number;
  score: Score | null;
  bar: Bar | null;
  /** A dash in the score's panel, where titles were observed and none has a score. */
  unscored: { x: number; width: number } | null;
  label: string | null;
}

interface Panel {
  top: number;
  bottom: number;
  rows: { y: number; label: string }[];
}

interface Stretch {
  x: number;
  width: number;
  /** Whether there is room for the word. */
  labelled: boolean;
}

export interface SeasonsLayout {
  width: number;
  height: number;
  left: number;
  right: number;
  score: Panel;
  members: Panel;
  /** Between seasons of enough scored titles, and to or from one of few. */
  line: { solid: string; dotted: string };
  /** Seasons that no line of their kind reaches. */
  lonely: Score[];
  marks: SeasonMark[];
  /** Whether there is room for a dot on every season. */
  dots: boolean;
  /** Seasons of which no title was observed, and those of which none has a score. */
  gaps: Stretch[];
  unscored: Stretch[];
  /** `crossed` where the name reaches over its own tick, which is then short. */
  years: { x: number; start: number; label: string | null; crossed: boolean }[];
  at: (pixel: number) => number;
}

/** How high the drawing is; known before its data. */
function seasonsHeight(width: number): number {
  return width < 640 ? 380 : 420;
}

export interface SeasonsChoice {
  score: Statistic;
  members: MembersStatistic;
}

/** The season's members by the chosen statistic. */
export function membersOf(point: SeasonPoint, statistic: MembersStatistic): number | null {
  return statistic === "sum" ? point.members : point.median_members;
}

/** Places everything; a season of which nothing was observed breaks the line and has no bar. */
export function seasonsLayout(
  points: readonly SeasonPoint[],
  choice: SeasonsChoice,
  width: number,
): SeasonsLayout {
  const height = seasonsHeight(width);
  const left = MARGIN.left;
  const right = width - (width < 640 ? 8 : MARGIN.right);
  const bottom = height - MARGIN.bottom;
  const split = MARGIN.top + Math.round((bottom - MARGIN.top - BETWEEN) * 0.58);
  const x = bands(points.length, [left, right]);
  const y = valueScale(present(points.map((point) => scoreOf(point, choice.score))), {
    range: [split, MARGIN.top],
    span: 0.3,
  });
  const z = valueScale(present(points.map((point) => membersOf(point, choice.members))), {
    range: [bottom, split + BETWEEN],
    ticks: 3,
    zero: true,
  });
  const breadth = Math.max(1, Math.min(30, x.step * 0.62));
  const marks = points.map((point, index): SeasonMark => {
    const center = x.center(index);
    const value = scoreOf(point, choice.score);
    const members = membersOf(point, choice.members);
    const strip = { x: center - breadth / 2, width: breadth };
    return {
      x: center,
      score: value === null ? null : { x: center, y: y(value), few: point.scored < FEW },
      bar: members === null ? null : barOf(strip, { top: z(members), bottom }, point.titles < FEW),
      unscored: isUnscored(point, choice.score) ? strip : null,
      label: seasonLabel(point, x.step),
    };
  });
  const scores = marks.map((mark) => mark.score);
  return {
    width,
    height,
    left,
    right,
    score: {
      top: MARGIN.top,
      bottom: split,
      rows: y.ticks.map((tick) => ({ y: y(tick), label: y.format(tick) })),
    },
    members: {
      top: split + BETWEEN,
      bottom,
      rows: z.ticks.map((tick) => ({ y: z(tick), label: compact(tick) })),
    },
    line: weakLine(scores, (point) => point.few),
    lonely: scores.flatMap((point, index) => (point === null || isJoined(scores, index) ? [] : [point])),
    marks,
    dots: x.step >= 12,
    gaps: stretches(points, (point) => point.titles === 0, x),
    unscored: stretches(points, (point) => isUnscored(point, choice.score), x),
    years: years(points, x),
    at: x.at,
  };
}

function isUnscored(point: SeasonPoint, statistic: Statistic): boolean {
  return point.titles > 0 && scoreOf(point, statistic) === null;
}

/** An edge lies half outside, so an outline is drawn half a pixel further in. */
function barOf(
  { x, width }: { x: number; width: number },
  { top, bottom }: { top: number; bottom: number },
  few: boolean,
): Bar {
  const height = Math.max(0, bottom - top);
  if (!few) return { x, y: top, width, height, weak: null };
  if (width < LEAST_HOLLOW) return { x, y: top, width, height, weak: "thin" };
  return { x: x + 0.5, y: top + 0.5, width: width - 1, height: Math.max(0, height - 0.5), weak: "hollow" };
}

/** Where seasons of a kind stand one after the other. */
function stretches(
  points: readonly SeasonPoint[],
  is: (point: SeasonPoint) => boolean,
  x: ReturnType<typeof bands>,
): Stretch[] {
  return gaps(points.map((point) => (is(point) ? null : point))).map(({ from, to }) => {
    const width = (to - from + 1) * x.step;
    return { x: x.start(from), width, labelled: width >= UPRIGHT_WIDTH };
  });
}

/** Whether a line reaches the point: any for one of few titles, a solid one for any other. */
function isJoined(scores: readonly (Score | null)[], index: number): boolean {
  const few = scores[index]?.few;
  return [scores[index - 1], scores[index + 1]].some((next) => next && (few || !next.few));
}

function present(values: readonly (number | null)[]): number[] {
  return values.filter((value) => value !== null);
}

function seasonLabel({ season }: SeasonPoint, room: number): string | null {
  if (room >= NAME_WIDTH) return SEASON_NAMES[season];
  return room >= LETTER_WIDTH ? LETTERS[season] : null;
}

/** The first and the last year are always named; one between them where its name has room. */
function years(points: readonly SeasonPoint[], x: ReturnType<typeof bands>): SeasonsLayout["years"] {
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
