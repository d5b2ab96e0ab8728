// Geometry of the seasonal trend: score above, members below, on one time axis.

import type { SeasonPoint } from "../../api/types.gen.ts";
import { compact } from "../../lib/format.ts";
import {
  FEW,
  isCompared,
  type MembersStatistic,
  membersOf,
  type Statistic,
  scoreOf,
} from "../../lib/seasons.ts";
import { gaps, type Point, weakLine } from "../kit/line.ts";
import { bands, valueScale } from "../kit/scales.ts";
import { named, uprightAt } from "../kit/upright.ts";
import { seasonLabel, type Year, years } from "./axis.ts";

const MARGIN = { top: 22, right: 52, narrow: 44, bottom: 42, left: 44 };
const BETWEEN = 40;
/** A dot needs this much room. */
const DOT_WIDTH = 9;
/** Radius of a dot that stands alone where the others have none, and the least one of a ring that is seen to be hollow. */
const ISOLATED = 2;
const MIN_RING = 2.5;

/** Sums of fractions may miss the edge by so little. */
const NEXT_TO = 1e-6;
/** A narrower bar has no room for an edge. */
const MIN_HOLLOW = 4;
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
  /** Values of few titles that lie beyond the scale: where its edge is, and on which side. */
  beyond: (Point & { up: boolean })[];
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
  /** The middle of the word; `null` where it has no room. */
  words: number | null;
}

export interface SeasonsLayout {
  width: number;
  height: number;
  left: number;
  right: number;
  score: Panel;
  members: Panel;
  /** Between seasons that are compared, and to or from any other. */
  line: { solid: string; dotted: string };
  /** The dots on its seasons: where there is no room for all, those that no line of their kind reaches, and rings. */
  dots: (Score & { r: number })[];
  marks: SeasonMark[];
  /** Seasons of which no title was observed, and those of which none has a score. */
  gaps: Stretch[];
  unscored: Stretch[];
  years: Year[];
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

/** Places everything; a season of which nothing was observed breaks the line and has no bar. */
export function seasonsLayout(
  points: readonly SeasonPoint[],
  choice: SeasonsChoice,
  width: number,
): SeasonsLayout {
  const height = seasonsHeight(width);
  const left = MARGIN.left;
  const right = width - (width < 640 ? MARGIN.narrow : MARGIN.right);
  const bottom = height - MARGIN.bottom;
  const split = MARGIN.top + Math.round((bottom - MARGIN.top - BETWEEN) * 0.58);
  const x = bands(points.length, [left, right]);
  const panel = { top: MARGIN.top, bottom: split };
  const lower = { top: split + BETWEEN, bottom };
  const scoresOf = (some: readonly SeasonPoint[]) =>
    present(some.map((point) => scoreOf(point, choice.score)));
  const sizesOf = (some: readonly SeasonPoint[]) =>
    present(some.map((point) => membersOf(point, choice.members)));
  // Seasons of few scores lie anywhere; they must not press the others flat.
  const y = valueScale(orAll(scoresOf(points.filter(isCompared)), scoresOf(points)), {
    range: [split, MARGIN.top],
    span: 0.3,
  });
  const z = valueScale(orAll(sizesOf(points.filter((point) => point.titles >= FEW)), sizesOf(points)), {
    range: [bottom, split + BETWEEN],
    ticks: 3,
    zero: true,
  });
  const dot = x.step < DOT_WIDTH ? 0 : Math.min(4.5, x.step * 0.26);
  const ring = Math.max(MIN_RING, Math.min(4, dot));
  const textWidth = Math.max(1, Math.min(30, x.step * 0.62));
  const marks = points.map((point, index): SeasonMark => {
    const center = x.center(index);
    const value = scoreOf(point, choice.score);
    const members = membersOf(point, choice.members);
    const strip = { x: center - textWidth / 2, width: textWidth };
    const outside = value === null ? null : edgeBeyond(y(value), panel);
    const over = members === null ? null : edgeBeyond(z(members), lower);
    return {
      x: center,
      score: value === null || outside ? null : { x: center, y: y(value), few: !isCompared(point) },
      // Bars cut off at the edge would look equal.
      bar: members === null || over ? null : barOf(strip, { top: z(members), bottom }, point.titles < FEW),
      unscored: isUnscored(point, choice.score) ? strip : null,
      beyond: [outside, over].flatMap((edge) => (edge ? [{ x: center, ...edge }] : [])),
      label: seasonLabel(point, x.step),
    };
  });
  const scores = marks.map((mark) => mark.score);
  /** Where seasons of a kind stand one after the other. */
  const stretches = (is: (point: SeasonPoint) => boolean): Stretch[] => {
    const found = gaps(points.map((point) => (is(point) ? null : point))).map(({ from, to }) => ({
      x: x.start(from),
      width: (to - from + 1) * x.step,
    }));
    const isNamed = named(found.map((stretch) => stretch.width));
    return found.map((stretch, index) => {
      const middle = { x: stretch.x + stretch.width / 2, panel };
      return { ...stretch, words: isNamed[index] ? uprightAt([scores], middle) : null };
    });
  };
  return {
    width,
    height,
    left,
    right,
    score: {
      ...panel,
      rows: y.ticks.map((tick) => ({ y: y(tick), label: y.format(tick) })),
    },
    members: {
      ...lower,
      rows: z.ticks.map((tick) => ({ y: z(tick), label: compact(tick) })),
    },
    line: weakLine(scores, (point) => point.few),
    dots: scores.flatMap((point, index) => {
      const r = point?.few ? ring : dot || (isJoined(scores, index) ? 0 : ISOLATED);
      return point && r > 0 ? [{ ...point, r }] : [];
    }),
    marks,
    gaps: stretches((point) => point.titles === 0),
    unscored: stretches((point) => isUnscored(point, choice.score)),
    years: years(points, x),
    at: x.at,
  };
}

function isUnscored(point: SeasonPoint, statistic: Statistic): boolean {
  return point.titles > 0 && scoreOf(point, statistic) === null;
}

/** The edge of a panel that a place lies beyond; `null` inside. */
function edgeBeyond(
  y: number,
  { top, bottom }: { top: number; bottom: number },
): { y: number; up: boolean } | null {
  if (y < top - NEXT_TO) return { y: top, up: true };
  return y > bottom + NEXT_TO ? { y: bottom, up: false } : null;
}

function orAll(compared: number[], all: number[]): number[] {
  return compared.length > 0 ? compared : all;
}

/** An edge lies half outside, so an outline is drawn half a pixel further in. */
function barOf(
  { x, width }: { x: number; width: number },
  { top, bottom }: { top: number; bottom: number },
  few: boolean,
): Bar {
  const height = Math.max(0, bottom - top);
  if (!few) return { x, y: top, width, height, weak: null };
  if (width < MIN_HOLLOW) return { x, y: top, width, height, weak: "thin" };
  return { x: x + 0.5, y: top + 0.5, width: width - 1, height: Math.max(0, height - 0.5), weak: "hollow" };
}

/** Whether a line reaches the point: any for one of few titles, a solid one for any other. */
function isJoined(scores: readonly (Score | null)[], index: number): boolean {
  const few = scores[index]?.few;
  return [scores[index - 1], scores[index + 1]].some((next) => next && (few || !next.few));
}

function present(values: readonly (number | null)[]): number[] {
  return values.filter((value) => value !== null);
}
