// A tick for every day that was observed: a ring where nothing was, a short one where a capture is incomplete.
import { px } from "./line.ts";

export type DayState = "whole" | "short" | "missing";

/** Paths for all ticks of a kind: thousands of days stay three elements. */
export interface CaptureMarks {
  whole: string;
  short: string;
  missing: string;
}

const HALF = 3;
const RING = 1.75;
/** Where days are narrower, ticks and rings would run together: days on end become one bar. */
const MIN_STEP = 2.2;

/** The marks of days that begin at `left`, with their middles at the height `y`. */
export function captureMarks(
  states: readonly DayState[],
  { left, step, y }: { left: number; step: number; y: number },
): CaptureMarks {
  const paths = { whole: "", short: "", missing: "" };
  if (step < MIN_STEP) {
    for (const { state, from, to } of stretches(states)) {
      if (state === "missing") continue;
      const top = state === "short" ? y : y - HALF;
      paths[state] +=
        `M${px(left + from * step)} ${top}H${px(left + (to + 1) * step)}V${y + HALF}H${px(left + from * step)}Z`;
    }
    return paths;
  }
  const ring = px(Math.min(RING, step / 2));
  states.forEach((state, index) => {
    const x = px(left + (index + 0.5) * step);
    if (state === "missing")
      paths.missing += `M${px(x - ring)} ${y}a${ring} ${ring} 0 1 0 ${2 * ring} 0a${ring} ${ring} 0 1 0 ${-2 * ring} 0`;
    else paths[state] += `M${x} ${state === "short" ? y : y - HALF}V${y + HALF}`;
  });
  return paths;
}

function stretches(states: readonly DayState[]): { state: DayState; from: number; to: number }[] {
  const found: { state: DayState; from: number; to: number }[] = [];
  states.forEach((state, index) => {
    const last = found.at(-1);
    if (last?.state === state) last.to = index;
    else found.push({ state, from: index, to: index });
  });
  return found;
}
