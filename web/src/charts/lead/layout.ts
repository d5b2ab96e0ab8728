// Geometry of the leading title's line over the last days.
import type { HistoryDay } from "../../api/types.gen.ts";
import { shortDay } from "../../lib/dates.ts";
import { score } from "../../lib/format.ts";
import { cut, textWidth } from "../../lib/titles.ts";
import { type GapBand, gapBands } from "../kit/bands.ts";
import { type CaptureMarks, captureMarks } from "../kit/captures.ts";
import { brokenLine, type Line, type Point } from "../kit/line.ts";
import { type ValueScale, valueScale } from "../kit/scales.ts";
import { type TimeScale, timeScale } from "../kit/time.ts";

const MARGIN = { top: 14, right: 64, bottom: 40, left: 38 };
/** So that a title that stands still looks still. */
const MIN_SPAN = 0.3;
/** With a name at the end of the second line, the margin is as wide as this. */
const NAMED_MARGIN = 120;
/** Narrower drawings leave that name to the words beside them. */
const NAMED_FROM = 500;
const NAME_CHARACTERS = 18;
const NAME_LINE = 15;
/** From the middle of the second score's characters to their foot. */
export const SCORE_BASE = 5;
/** A wider gap has its words lying, a narrower one standing. */
const LYING_FROM = 96;

/** Least distance between the two scores written at the lines' ends. */
const TEXT_APART = 22;
/** Below the drawing's floor, above the days' names. */
const NAME_FLOOR = 8;
/** Least distance between two labels of the score axis. */
const ROW_APART = 14;

interface End extends Point {
  score: number;
  /** Where the score is written, pushed apart from the other line's. */
  textY: number;
  /** Of which day it is, in words, where the line ends before the last. */
  since: string | null;
}

export interface LeadLayout {
  width: number;
  height: number;
  plot: { left: number; right: number; top: number; bottom: number };
  rows: { y: number; label: string }[];
  /** The score that was crossed; a row of its own names it. */
  mark: { y: number } | null;
  line: Line;
  points: (Point | null)[];
  /** Days that were not observed. */
  gaps: GapBand[];
  /** Observed days on which the title had no score. */
  unscored: GapBand[];
  scale: TimeScale;
  captures: CaptureMarks;
  /** The middle of the capture ticks. */
  capturesY: number;
  last: End | null;
  /** The line of the title behind, and its name in lines under its score. */
  follower: {
    line: Line;
    points: (Point | null)[];
    last: End | null;
    name: { text: string; y: number }[];
  } | null;
}

export interface LeadData {
  days: readonly HistoryDay[];
  /** The same days of the title behind, where it is near enough to be drawn beside. */
  follower: { name: string; days: readonly HistoryDay[] } | null;
  /** A score to draw a line at. */
  mark: number | null;
  /** Days of which a capture is incomplete. */
  short: ReadonlySet<string>;
}

/** Places everything for a drawing of that width. */
export function leadLayout({ days, follower, mark, short }: LeadData, width: number): LeadLayout {
  const height = width < 500 ? 232 : 304;
  const name = follower && width >= NAMED_FROM ? nameLines(follower.name) : [];
  const plot = {
    left: MARGIN.left,
    right: width - (name.length > 0 ? NAMED_MARGIN : MARGIN.right),
    top: MARGIN.top,
    bottom: height - MARGIN.bottom,
  };
  const scale = timeScale(days[0]?.day ?? "1970-01-01", days.length, [plot.left, plot.right]);
  const scores = [...days, ...(follower?.days ?? [])].flatMap((one) => one.score ?? []);
  const y = valueScale(mark === null ? scores : [...scores, mark], {
    range: [plot.bottom - 6, plot.top],
    ticks: 5,
    span: MIN_SPAN,
  });
  const place = (line: readonly HistoryDay[]) =>
    line.map(({ score: value }, index) =>
      value === null ? null : { x: scale.x(index), y: y(value), score: value, textY: y(value), since: null },
    );
  const points = place(days);
  const behind = follower && place(follower.days);
  const [last, lastBehind] = pushedApart(
    endOf(points, days),
    behind && endOf(behind, days),
    plot.bottom + NAME_FLOOR - name.length * NAME_LINE,
  );
  const around = { lines: [points, behind ?? []], panel: plot };
  const capturesY = plot.bottom + 7;
  return {
    width,
    height,
    plot,
    rows: rows(y, mark),
    mark: mark === null ? null : { y: y(mark) },
    line: brokenLine(points),
    points,
    gaps: gapBands(
      days.map((day) => (day.observed ? day : null)),
      scale,
      { ...around, lyingFrom: LYING_FROM },
    ),
    unscored: gapBands(
      days.map((day) => (day.observed && day.score === null ? null : day)),
      scale,
      around,
    ),
    scale,
    captures: captureMarks(
      days.map((day) => (day.observed ? (short.has(day.day) ? "short" : "whole") : "missing")),
      { left: plot.left, step: scale.step, y: capturesY },
    ),
    capturesY,
    last,
    follower: behind && {
      line: brokenLine(behind),
      points: behind,
      last: lastBehind,
      name: name.map((text, index) => ({
        text,
        y: (lastBehind?.textY ?? 0) + SCORE_BASE + (index + 1) * NAME_LINE,
      })),
    },
  };
}

/** The ticks, and the score that was crossed where no tick stands on it. */
function rows(y: ValueScale, mark: number | null): LeadLayout["rows"] {
  const ticks = y.ticks.map((tick) => ({ y: y(tick), label: y.format(tick) }));
  if (mark === null || y.ticks.includes(mark)) return ticks;
  const own = { y: y(mark), label: score(mark) };
  return [...ticks.filter((row) => Math.abs(row.y - own.y) >= ROW_APART), own];
}

/** The two ends with their scores apart: the leader's above, and below the other's room for its name. */
function pushedApart(last: End | null, behind: End | null, floor: number): [End | null, End | null] {
  if (!last || !behind) return [last, behind];
  const apart = last.since ? TEXT_APART + NAME_LINE : TEXT_APART;
  const lower = Math.min(Math.max(behind.y, last.y + apart), floor);
  return [
    { ...last, textY: Math.min(last.y, lower - apart) },
    { ...behind, textY: lower },
  ];
}

/** A name in two lines at most, broken at a space where there is one. */
export function nameLines(name: string): string[] {
  const characters = [...name];
  const most = textWidth(name) > characters.length ? NAME_CHARACTERS / 2 : NAME_CHARACTERS;
  if (characters.length <= most) return [name];
  const head = characters.slice(0, most + 1).join("");
  const space = head.lastIndexOf(" ");
  const first = space > 0 ? head.slice(0, space) : characters.slice(0, most).join("");
  return [first, cut(name.slice(first.length).trim(), NAME_CHARACTERS)];
}

function endOf(points: readonly (End | null)[], days: readonly HistoryDay[]): End | null {
  const index = points.findLastIndex((point) => point !== null);
  const end = points[index];
  const day = days[index + 1] && days[index]?.day;
  return end ? { ...end, since: day ? `on ${shortDay(day, days.at(-1)?.day)}` : null } : null;
}
