// Scales with few, round ticks. `d3-array` chooses the ticks; a straight scale needs no more of d3 than that.
import { nice, tickStep, ticks as ticksBetween } from "d3-array";

export interface ValueScale {
  (value: number): number;
  ticks: number[];
  /** A tick with as many decimals as its step needs. */
  format: (tick: number) => string;
}

interface Wish {
  /** The pixels of the lowest and the highest value. */
  range: readonly [number, number];
  /** About how many ticks; never more than `MOST_TICKS`. */
  ticks?: number;
  /** Bars start at zero; dots and lines need not. */
  zero?: boolean;
  /** The least difference from bottom to top, so that noise stays small. */
  span?: number;
}

/** More of them say no more and stand too close. */
const MOST_TICKS = 6;
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

/** Round ends and the ticks between them. `d3-array` takes the wish lightly, so a lower one is tried where it gives too many. */
function fewTicks(
  low: number,
  high: number,
  wish: number,
): { from: number; to: number; step: number; places: number[] } {
  const [from, to] = nice(low, high, wish);
  const places = ticksBetween(from, to, wish);
  if (places.length > MOST_TICKS && wish > 1) return fewTicks(low, high, wish - 1);
  return { from, to, step: tickStep(from, to, wish), places };
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
