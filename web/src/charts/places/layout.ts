// Geometry of a title's places, week by week: the first place on top, and no line over a week without one.
import { shortDay } from "../../lib/dates.ts";
import { brokenLine, gaps, type Point } from "../kit/line.ts";
import { rankScale } from "../kit/log.ts";
import { bands } from "../kit/scales.ts";

export interface PlacedWeek {
  /** Its Monday. */
  week: string;
  observed: boolean;
  place: number | null;
}

interface PlaceMark extends Point {
  place: number;
  /** Whether there is room for the number inside a ring. */
  ringed: boolean;
  /** The first week at its best place. */
  peak: boolean;
}

export interface PlacesLayout {
  width: number;
  height: number;
  top: number;
  bottom: number;
  /** Which of all weeks the drawing begins with. */
  from: number;
  path: string;
  marks: (PlaceMark | null)[];
  gaps: { x: number; width: number }[];
  labels: { x: number; text: string; anchor: "start" | "middle" | "end" }[];
  at: (pixel: number) => number;
}

export const PLACES_HEIGHT = 136;
const TOP = 14;
const FOOT = 30;
const SIDE = 10;
/** A ring and some paper beside it. */
const MIN_STEP = 22;
const MAX_RINGED = 99;

/** As many of the newest weeks as there is room for. */
export function placesLayout(
  weeks: readonly PlacedWeek[],
  peakWeek: string | null,
  width: number,
): PlacesLayout {
  const count = Math.max(1, Math.min(weeks.length, Math.floor((width - 2 * SIDE) / MIN_STEP)));
  const from = weeks.length - count;
  const shown = weeks.slice(from);
  const x = bands(shown.length, [0, width]);
  const [top, bottom] = [TOP, PLACES_HEIGHT - FOOT];
  const y = rankScale(
    shown.flatMap(({ place }) => place ?? []),
    [bottom, top],
  );
  const marks = shown.map(({ week, place }, index): PlaceMark | null =>
    place === null
      ? null
      : {
          x: x.center(index),
          y: y(place),
          place,
          ringed: place <= MAX_RINGED,
          peak: week === peakWeek,
        },
  );
  const last = shown.length - 1;
  return {
    width,
    height: PLACES_HEIGHT,
    top,
    bottom,
    from,
    path: brokenLine(marks).path,
    marks,
    gaps: gaps(shown.map((week) => (week.observed ? week : null))).map((gap) => ({
      x: x.start(gap.from),
      width: (gap.to - gap.from + 1) * x.step,
    })),
    labels: shown.flatMap(({ week }, index) => {
      if (index !== 0 && index !== last) return [];
      const anchor = index === 0 ? "start" : "end";
      return [{ x: index === 0 ? 0 : width, text: shortDay(week, weeks.at(-1)?.week), anchor } as const];
    }),
    at: x.at,
  };
}
