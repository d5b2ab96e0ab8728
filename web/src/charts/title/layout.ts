// Geometry of one title's line: a measure above, the members below, episodes between them, one axis of days.
import type { TitleDay } from "../../api/types.gen.ts";
import { shortDay } from "../../lib/dates.ts";
import { compact } from "../../lib/format.ts";
import { hasFewVotes, type Measure, WORDS } from "../../lib/measures.ts";
import { type GapBand, gapBands } from "../kit/bands.ts";
import { type CaptureMarks, captureMarks } from "../kit/captures.ts";
import { pushApart } from "../kit/ends.ts";
import { brokenLine, type Point, px, weakLine } from "../kit/line.ts";
import { rankScale } from "../kit/log.ts";
import { type ValueScale, valueScale } from "../kit/scales.ts";
import { type TimeScale, timeScale } from "../kit/time.ts";
import { type EpisodeMark, episodeMarks } from "./episodes.ts";
import { type RemarkPlace, remarkPlace } from "./remark.ts";

export interface TitleLine {
  days: readonly TitleDay[];
  measure: Measure;
  /** The estimated days of episodes, the premiere first. */
  episodes: readonly { number: number; day: string }[];
  /** Days of which a capture is incomplete. */
  short: ReadonlySet<string>;
  /** What is to be said of one day, in two short lines. */
  remark: { day: string; lines: readonly [string, string] } | null;
}

export interface Panel {
  top: number;
  bottom: number;
  rows: { y: number; label: string }[];
  points: (Point | null)[];
  end: (Point & { value: string; day: string; textY: number }) | null;
}

export interface TitleLayout {
  width: number;
  height: number;
  left: number;
  right: number;
  narrow: boolean;
  scale: TimeScale;
  upper: Panel & {
    solid: string;
    dotted: string;
    /** Points alone between two gaps. */
    isolated: Point[];
    /** Points of few votes; empty where they would run together. */
    hollow: Point[];
    /** Where "fewer than 1,000 votes" stands. */
    few: (Point & { anchor: "start" | "end" }) | null;
  };
  lower: Panel & { path: string; isolated: Point[]; area: string };
  gaps: GapBand[];
  episodes: EpisodeMark[];
  ribbon: number;
  captures: CaptureMarks;
  capturesY: number;
  remark: RemarkPlace | null;
}

/** A narrower drawing has smaller margins. */
const NARROW = 560;
const RIBBON = 34;
const FOOT = 48;
const WIDE_SIZES = { left: 36, right: 92, top: 22, upper: 286, lower: 150 };
const NARROW_SIZES = { left: 38, right: 56, top: 26, upper: 230, lower: 130 };
/** So that a title that stands still looks still. */
const MIN_SPAN: Record<Measure, number> = { score: 0.3, rank: 4, popularity: 4, favorites: 20 };
/** Closer dots run together. */
const MIN_DOT_STEP = 4.5;
/** Heights of the words at the ends, with the day under them. */
const END_HEIGHT = 36;
const FEW_WORDS = 132;

/** The height of a drawing of that width, known before its data. */
export function titleHeight(width: number): number {
  const { top, upper, lower } = width < NARROW ? NARROW_SIZES : WIDE_SIZES;
  return top + upper + RIBBON + lower + FOOT;
}

/** Places everything for a drawing of that width. */
export function titleLayout(line: TitleLine, width: number): TitleLayout {
  const { days, measure } = line;
  const narrow = width < NARROW;
  const sizes = narrow ? NARROW_SIZES : WIDE_SIZES;
  const { left, top } = sizes;
  const right = width - sizes.right;
  const scale = timeScale(days[0]?.day ?? "1970-01-01", days.length, [left, right]);
  const bottom = top + sizes.upper;
  const floor = bottom + RIBBON + sizes.lower;
  const place = (values: readonly (number | null)[], y: ValueScale) =>
    values.map((value, index) => (value === null ? null : { x: scale.x(index), y: y(value), index }));

  const values = days.map((day) => day[measure]);
  const y = upperScale(values, measure, [bottom, top]);
  const points = place(values, y);
  const isWeak = (index: number) =>
    measure === "score" && days[index] !== undefined && hasFewVotes(days[index]);
  const weak = points.filter((point) => point !== null).filter((point) => isWeak(point.index));
  const members = days.map((day) => day.members);
  const yLower = valueScale(
    members.filter((value) => value !== null),
    { range: [floor, bottom + RIBBON + 8], ticks: 4, zero: true },
  );
  const lowerPoints = place(members, yLower);
  const ends = endsOf(
    [
      { points, values: days.map((day) => WORDS[measure].write(day[measure])) },
      {
        points: lowerPoints,
        values: members.map(narrow ? short : WORDS.members.write),
      },
    ],
    days,
    // The axis has the year, where there is no room for it here.
    (day) => shortDay(day, narrow ? day : days[0]?.day),
    [top, floor],
  );
  const lowest = weak.length > 0 ? weak.reduce((low, point) => (point.y > low.y ? point : low)) : null;
  return {
    width,
    height: titleHeight(width),
    left,
    right,
    narrow,
    scale,
    upper: {
      top,
      bottom,
      rows: rowsOf(y, points),
      points,
      end: ends[0] ?? null,
      ...weakLine(points, ({ index }) => isWeak(index)),
      isolated: brokenLine(points).isolated.filter((point) => !weak.some(({ x }) => x === point.x)),
      hollow: scale.step >= MIN_DOT_STEP || weak.length < 2 ? weak : [],
      few: lowest && {
        ...(lowest.x + FEW_WORDS < right
          ? { x: lowest.x + 9, anchor: "start" as const }
          : { x: lowest.x - 9, anchor: "end" as const }),
        y: lowest.y + 4,
      },
    },
    lower: {
      top: bottom + RIBBON,
      bottom: floor,
      rows: rowsOf(Object.assign(yLower, { format: compact }), lowerPoints),
      points: lowerPoints,
      end: ends[1] ?? null,
      ...brokenLine(lowerPoints),
      area: area(lowerPoints, floor),
    },
    gaps: gapBands(
      days.map((day) => (day.observed ? day : null)),
      scale,
      { lines: [points], panel: { top, bottom } },
    ),
    episodes: episodeMarks(line.episodes, scale),
    ribbon: bottom + RIBBON / 2,
    captures: captureMarks(
      days.map((day) => (day.observed ? (line.short.has(day.day) ? "short" : "whole") : "missing")),
      { left, step: scale.step, y: floor + 10 },
    ),
    capturesY: floor + 10,
    remark:
      line.remark &&
      remarkPlace(line.remark, points[scale.indexOf(line.remark.day) ?? -1], { left, right, top, bottom }),
  };
}

/** As many members as there is room for: 412k. */
function short(value: number | null): string {
  const size = value ?? 0;
  return compact(size >= 100_000 ? Math.round(size / 1000) * 1000 : size);
}

/** The ticks of a scale that has something to measure. */
function rowsOf(scale: ValueScale, points: readonly (Point | null)[]): Panel["rows"] {
  if (points.every((point) => point === null)) return [];
  return scale.ticks.map((tick) => ({ y: scale(tick), label: scale.format(tick) }));
}

function upperScale(
  all: readonly (number | null)[],
  measure: Measure,
  [bottom, top]: readonly [number, number],
): ValueScale {
  const values = all.filter((value) => value !== null);
  if (WORDS[measure].isPlace) return rankScale(values, [bottom - 6, top + 6]);
  const scale = valueScale(values, { range: [bottom, top], ticks: 6, span: MIN_SPAN[measure] });
  return measure === "score"
    ? scale
    : Object.assign((value: number) => scale(value), { ticks: scale.ticks, format: compact });
}

/** From the line down to zero, and broken where the line is. */
function area(points: readonly (Point | null)[], floor: number): string {
  let path = "";
  let before: Point | null = null;
  for (const point of [...points, null]) {
    if (point) path += before ? `L${px(point.x)} ${px(point.y)}` : `M${px(point.x)} ${floor}V${px(point.y)}`;
    else if (before) path += `V${floor}Z`;
    before = point;
  }
  return path;
}

interface Ending {
  points: readonly (Point | null)[];
  values: readonly string[];
}

/** What stands at the ends of the lines, none on another. */
function endsOf(
  lines: readonly Ending[],
  days: readonly TitleDay[],
  write: (day: string) => string,
  bounds: [number, number],
): Panel["end"][] {
  const last = lines.map(({ points }) => points.findLastIndex((point) => point !== null));
  const found = lines.flatMap(({ points }, line) => {
    const point = points[last[line] ?? -1];
    return point ? [{ line, point }] : [];
  });
  const placed = pushApart(
    found.map(({ point }) => ({ y: point.y, height: END_HEIGHT })),
    bounds,
  );
  return lines.map(({ values }, line) => {
    const at = found.findIndex((one) => one.line === line);
    const point = found[at]?.point;
    const index = last[line] ?? -1;
    return point
      ? {
          ...point,
          value: values[index] ?? "",
          day: write(days[index]?.day ?? ""),
          textY: placed[at] ?? point.y,
        }
      : null;
  });
}
