import type { KeyboardEvent, ReactNode } from "react";
import styles from "./Reading.module.css";

interface ReadingProps {
  /** What the arrow keys move through: "Seasons". */
  label: string;
  count: number;
  index: number;
  onMove: (index: number) => void;
  /** The same as the row's content, as a sentence for readers aloud. */
  text: string;
  /** Whether the row never needs a second line. */
  short?: boolean;
  children: ReactNode;
}

/** The fixed row above a drawing that prints the values of one point. Arrow keys move the point. */
export function Reading({ label, count, index, onMove, text, short = false, children }: ReadingProps) {
  const move = (event: KeyboardEvent) => {
    const next = nextIndex(event.key, index, count);
    if (next === null) return;
    event.preventDefault();
    onMove(next);
  };
  return (
    <div
      className={styles.reading}
      data-short={short ? "" : undefined}
      role="slider"
      tabIndex={0}
      aria-label={label}
      aria-valuemin={1}
      aria-valuemax={count}
      aria-valuenow={index + 1}
      aria-valuetext={text}
      onKeyDown={move}
    >
      {children}
    </div>
  );
}

/** Where a key leads; `null` for any other key. */
function nextIndex(key: string, index: number, count: number): number | null {
  const last = count - 1;
  if (key === "ArrowRight" || key === "ArrowDown") return Math.min(last, index + 1);
  if (key === "ArrowLeft" || key === "ArrowUp") return Math.max(0, index - 1);
  if (key === "Home") return 0;
  return key === "End" ? last : null;
}

/** One value of the row: its name, its number, and of how many. */
export function Value({ name, of, children }: { name: string; of?: string; children: ReactNode }) {
  return (
    <span className={styles.value}>
      {name} <b>{children}</b>
      {of && ` of ${of}`}
    </span>
  );
}
