import { signed } from "../lib/format.ts";
import { trianglePath } from "./Delta.tsx";
import styles from "./Export.module.css";

interface DeltaMarksProps {
  x: number;
  /** The foot of the words. */
  y: number;
  /** The change; `null` where there is nothing to compare with. */
  value: number | null;
  write: (size: number) => string;
  none?: string;
}

/** A change as marks in a drawing, as `Delta` writes it in the page. */
export function DeltaMarks({ x, y, value, write, none = "–" }: DeltaMarksProps) {
  if (value === null || value === 0) {
    return (
      <text x={x} y={y}>
        {value === 0 ? "=" : none}
      </text>
    );
  }
  return (
    <g className={value > 0 ? styles.up : styles.down}>
      <path transform={`translate(${x} ${y - 8})`} d={trianglePath(value > 0)} />
      <text x={x + 12} y={y}>
        {signed(value, write)}
      </text>
    </g>
  );
}
