// A scale on which equal ratios are equally far apart, and the scale of places, on which up is better.
import { compact } from "../../lib/format.ts";
import { type ValueScale, valueScale } from "./scales.ts";

const MAX_TICKS = 6;
/** Places further apart than this ratio need a logarithmic scale to show both. */
const WIDE = 20;

/** A logarithmic scale of values from 1 on; the ends are ticks. */
export function logScale(values: readonly number[], [bottom, top]: readonly [number, number]): ValueScale {
  const low = Math.max(1, Math.min(...values));
  const high = Math.max(low, ...values);
  const ticks = fewTicks(low, high);
  const [from, to] = [Math.log(ticks[0] ?? 1), Math.log(ticks.at(-1) ?? 10)];
  const scale = (value: number) =>
    bottom + ((Math.log(Math.max(1, value)) - from) / (to - from)) * (top - bottom);
  return Object.assign(scale, { ticks, format: compact });
}

/** 1, 2, 5, 10 and so on around the values; only powers of ten where those are too many. */
function fewTicks(low: number, high: number): number[] {
  const first = Math.floor(Math.log10(low));
  const last = Math.ceil(Math.log10(high * 1.0001));
  const powers = Array.from({ length: last - first + 1 }, (_, index) => 10 ** (first + index));
  const fine = powers.flatMap((power) => [power, 2 * power, 5 * power]);
  const start = fine.findLastIndex((tick) => tick <= low);
  const end = fine.findIndex((tick) => tick > high || (tick === high && high > low));
  const near = fine.slice(start, end + 1);
  return near.length <= MAX_TICKS ? near : powers;
}

/** A scale of places: the first is at the top, and no tick is called "place zero". */
export function rankScale(places: readonly number[], range: readonly [number, number]): ValueScale {
  const turned = [range[1], range[0]] as const;
  const write = (tick: number) => `#${tick.toLocaleString("en-GB")}`;
  if (places.length > 0 && Math.max(...places) > WIDE * Math.min(...places)) {
    return Object.assign(logScale(places, turned), { format: write });
  }
  const scale = valueScale(places, { range: turned, ticks: 5, span: 4 });
  // Half a place is none, and the first stands where a round scale begins with zero.
  const ticks = scale.ticks.filter((tick) => tick > 1 && Number.isInteger(tick));
  const hasFirst = (scale.ticks[0] ?? 0) <= 1;
  const own = (place: number) => scale(place);
  return Object.assign(own, { ticks: hasFirst ? [1, ...ticks] : ticks, format: write });
}
