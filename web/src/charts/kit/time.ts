// A scale of UTC days, one beside the other, with a few dates under it.
import { DAY_MS, day, shortDay } from "../../lib/dates.ts";
import { bands } from "./scales.ts";

export interface TimeScale {
  /** The pixels of one day. */
  step: number;
  /** The middle of a day. */
  x: (index: number) => number;
  start: (index: number) => number;
  /** The day under a pixel, kept inside. */
  at: (pixel: number) => number;
  /** Which of the days a date is; `null` where it lies outside. */
  indexOf: (day: string) => number | null;
  ticks: { x: number; label: string }[];
}

/** Least distance between two dates, and the most of them on a wide axis. */
const LABEL_WIDTH = 64;
const MAX_LABELS = 7;

interface Unit {
  /** About how many days lie between two of them. */
  days: number;
  holds: (date: Date, index: number) => boolean;
  write: (day: string) => string;
}

const MONTH = new Intl.DateTimeFormat("en-GB", { timeZone: "UTC", month: "short", year: "numeric" });
const writeMonth = (day: string) => MONTH.format(new Date(day));
const everyMonths = (months: number): Unit => ({
  days: months * 30.4,
  holds: (date) => date.getUTCDate() === 1 && date.getUTCMonth() % months === 0,
  write: writeMonth,
});
const everyYears = (years: number): Unit => ({
  days: years * 365,
  holds: (date) => date.getUTCDate() === 1 && date.getUTCMonth() === 0 && date.getUTCFullYear() % years === 0,
  write: (day) => day.slice(0, 4),
});

const UNITS: readonly Unit[] = [
  { days: 1, holds: () => true, write: shortDay },
  { days: 2, holds: (_, index) => index % 2 === 0, write: shortDay },
  { days: 7, holds: (date) => date.getUTCDay() === 1, write: shortDay },
  // The shortest half of a month has 14 days, in February.
  { days: 14, holds: (date) => [1, 15].includes(date.getUTCDate()), write: shortDay },
  { ...everyMonths(1), days: 28, write: shortDay },
  everyMonths(3),
  everyMonths(6),
  everyYears(1),
  everyYears(2),
  everyYears(5),
];

/** The days from `first` on, over a range of pixels. */
export function timeScale(first: string, count: number, [left, right]: readonly [number, number]): TimeScale {
  const { step, center: x, start, at } = bands(count, [left, right]);
  const origin = Date.parse(first);
  return {
    step,
    x,
    start,
    at,
    indexOf: (name) => {
      const index = Math.round((Date.parse(name) - origin) / DAY_MS);
      return index >= 0 && index < count ? index : null;
    },
    ticks: dates(origin, count, step).map(({ index, label }) => ({ x: x(index), label })),
  };
}

function dates(origin: number, count: number, step: number): { index: number; label: string }[] {
  const room = Math.max(LABEL_WIDTH, (count * step) / MAX_LABELS);
  const unit = UNITS.find((one) => one.days * step >= room) ?? UNITS.at(-1);
  const all = Array.from({ length: count }, (_, index) => new Date(origin + index * DAY_MS));
  const found = all.flatMap((date, index) =>
    unit?.holds(date, index) ? [{ index, label: unit.write(date.toISOString()) }] : [],
  );
  if (unit?.write === shortDay) nameYears(found, all);
  if (found.length > 1 || count < 2) return found;
  // Too short for two round dates: its ends are named instead.
  return [0, count - 1].map((index) => ({
    index,
    label: day(new Date(origin + index * DAY_MS).toISOString()),
  }));
}

/** Where the days lie in two years, the first date of each has its year. */
function nameYears(ticks: { index: number; label: string }[], all: readonly Date[]): void {
  const yearOf = (index: number) => all[index]?.getUTCFullYear();
  if (yearOf(0) === yearOf(all.length - 1)) return;
  ticks.forEach((tick, nth) => {
    const before = ticks[nth - 1];
    if (!before || yearOf(before.index) !== yearOf(tick.index))
      tick.label = day(all[tick.index]?.toISOString() ?? "");
  });
}
