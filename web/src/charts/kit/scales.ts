// Linear scales with few, round ticks.

export interface ValueScale {
  (value: number): number;
  ticks: number[];
  /** A tick with as many decimals as its step needs. */
  format: (tick: number) => string;
}

interface Wish {
  /** The pixels of the lowest and the highest value. */
  range: readonly [number, number];
  /** About how many ticks; never more than `MAX_TICKS`. */
  ticks?: number;
  /** Bars start at zero; dots and lines need not. */
  zero?: boolean;
  /** The least difference from bottom to top, so that noise stays small. */
  span?: number;
}

/** More of them say no more and stand too close. */
const MAX_TICKS = 6;
/** Values that differ by less than this part of their size are one value. */
const EQUAL = 1e-9;

/** A straight scale whose ends are ticks. Without values it runs from 0 to 1. */
export function valueScale(
  values: readonly number[],
  { range, ticks = 5, zero = false, span = 0 }: Wish,
): ValueScale {
  const low = zero || values.length === 0 ? 0 : Math.min(...values);
  const high = values.length === 0 ? 1 : Math.max(...values, low);
  const flat = high - low <= Math.max(1, Math.abs(high)) * EQUAL;
  const missing = Math.max(0, (span || (flat ? 1 : 0)) - (high - low));
  const { from, to, step, places } = fewTicks(
    zero ? low : low - missing / 2,
    high + (zero ? missing : missing / 2),
    ticks,
  );
  const scale = (value: number) => range[0] + ((value - from) / (to - from)) * (range[1] - range[0]);
  const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  return Object.assign(scale, { ticks: places, format: (tick: number) => tick.toFixed(decimals) });
}

interface Ticks {
  from: number;
  to: number;
  step: number;
  places: number[];
}

/** Round ends and the ticks between them; a lower wish is tried where one gives too many. */
function fewTicks(low: number, high: number, wish: number): Ticks {
  // Round ends widen the scale, and a wider scale may take a wider step.
  const narrow = roundStep(high - low, wish);
  const [start, end] = roundEnds(low, high, narrow);
  const step = roundStep(multiple(end - start, narrow), wish);
  const [first, last] = roundEnds(low, high, step);
  if (last - first >= MAX_TICKS && wish > 1) return fewTicks(low, high, wish - 1);
  const places = Array.from({ length: last - first + 1 }, (_, index) => multiple(first + index, step));
  return { from: multiple(first, step), to: multiple(last, step), step, places };
}

/** How many steps the ends are from zero. */
function roundEnds(low: number, high: number, step: number): [number, number] {
  return [Math.floor(low / step), Math.ceil(high / step)];
}

/** The 1, 2 or 5 times a power of ten that comes nearest to so many parts of a span. */
function roundStep(span: number, parts: number): number {
  const power = 10 ** Math.floor(Math.log10(span / parts));
  const rest = span / parts / power;
  return multiple(rest >= 50 ** 0.5 ? 10 : rest >= 10 ** 0.5 ? 5 : rest >= 2 ** 0.5 ? 2 : 1, power);
}

/** Exact where the step is a part of one: 3 times 0.1 is 0.3. */
function multiple(count: number, step: number): number {
  return step < 1 ? count / Math.round(1 / step) : count * step;
}

/** Evenly spaced places from one end to the other, each at the middle of its part. */
export function bands(count: number, [start, end]: readonly [number, number]) {
  const step = count > 0 ? (end - start) / count : end - start;
  return {
    step,
    center: (index: number) => start + (index + 0.5) * step,
    start: (index: number) => start + index * step,
    /** The place under a pixel, kept inside. */
    at: (pixel: number) => Math.max(0, Math.min(count - 1, Math.floor((pixel - start) / (step || 1)))),
  };
}
