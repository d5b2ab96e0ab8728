import { signed } from "../lib/format.ts";
import styles from "./Delta.module.css";

interface DeltaProps {
  /** The change; `null` where there is nothing to compare with. */
  value: number | null;
  /** How to write its size. */
  write: (size: number) => string;
  /** Words for nothing to compare with. */
  none?: string;
}

/** A change: triangle, sign and number, warm for a rise and cold for a fall. */
export function Delta({ value, write, none = "–" }: DeltaProps) {
  if (value === null) return <span className={styles.same}>{none}</span>;
  if (value === 0) {
    return (
      <span className={styles.same}>
        <span aria-hidden="true">=</span>
        <span className="vh">unchanged</span>
      </span>
    );
  }
  return (
    <span className={value > 0 ? styles.up : styles.down}>
      <Triangle up={value > 0} />
      {signed(value, write)}
    </span>
  );
}

function Triangle({ up }: { up: boolean }) {
  return (
    <svg className={styles.triangle} viewBox="0 0 8 8" aria-hidden="true">
      <path d={trianglePath(up)} fill="currentColor" />
    </svg>
  );
}

/** A triangle of 8 by 8, pointing up or down. */
export function trianglePath(up: boolean): string {
  return up ? "M4 .5 8 7.5H0z" : "M4 7.5 0 .5h8z";
}
