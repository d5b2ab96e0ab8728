import type { CaptureMarks } from "./captures.ts";
import marks from "./marks.module.css";
import type { TimeScale } from "./time.ts";

interface DayAxisProps {
  captures: CaptureMarks;
  ticks: TimeScale["ticks"];
  /** The middle of the capture ticks; the dates stand under them. */
  y: number;
}

/** Under a drawing: a tick for every day that was captured, and some dates. */
export function DayAxis({ captures, ticks, y }: DayAxisProps) {
  return (
    <>
      <path className={marks.capture} d={captures.whole} />
      <path className={marks.capture} d={captures.short} />
      <path className={marks.missing} d={captures.missing} />
      {ticks.map(({ x, label }) => (
        <text key={x} x={x} y={y + 20} textAnchor="middle">
          {label}
        </text>
      ))}
    </>
  );
}
