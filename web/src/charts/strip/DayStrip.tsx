import type { RunDay } from "../../api/types.gen.ts";
import styles from "./DayStrip.module.css";

const STEP = 6;

interface DayStripProps {
  days: readonly RunDay[];
  /** The strip in words. */
  summary: string;
}

/** A tick per day: a ring where nothing was captured, a short one where a capture is incomplete. */
export function DayStrip({ days, summary }: DayStripProps) {
  const width = days.length * STEP;
  return (
    <svg
      className={styles.strip}
      width={width}
      height="18"
      viewBox={`0 0 ${width} 18`}
      role="img"
      aria-label={summary}
    >
      {days.map((one, index) => {
        const x = index * STEP + STEP / 2;
        if (one.runs === 0) return <circle key={one.day} className={styles.missing} cx={x} cy="9" r="1.75" />;
        return (
          <line key={one.day} className={styles.tick} x1={x} x2={x} y1={one.incomplete > 0 ? 9 : 3} y2="15" />
        );
      })}
    </svg>
  );
}
