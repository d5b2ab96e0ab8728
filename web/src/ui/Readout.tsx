import type { CSSProperties, KeyboardEvent, ReactNode } from "react";
import styles from "./Readout.module.css";

interface ReadoutProps {
  /** What the arrow keys move through: "Seasons". */
  label: string;
  count: number;
  index: number;
  onMove: (index: number) => void;
  /** What Enter does with the point. */
  onPick?: (() => void) | undefined;
  /** The same as the row's content, as a sentence for readers aloud. */
  text: string;
  /** The point's name, on a line of its own where there are several values. */
  name: ReactNode;
  /** What must be said of the point, beside its name. */
  note?: string | null;
  /** How many columns the values of any point take: so the row is as high for one without. */
  cells: number;
  children?: ReactNode;
}

/** The fixed row above a drawing that prints the values of one point. Arrow keys move the point. */
export function Readout(props: ReadoutProps) {
  const { label, count, index, onMove, onPick, text, name, note, cells, children } = props;
  const move = (event: KeyboardEvent) => {
    if (event.key === "Enter") onPick?.();
    const next = nextIndex(event.key, index, count);
    if (next === null) return;
    event.preventDefault();
    onMove(next);
  };
  return (
    <div
      {...room(cells)}
      role="slider"
      tabIndex={0}
      aria-label={label}
      aria-valuemin={1}
      aria-valuemax={count}
      aria-valuenow={index + 1}
      aria-valuetext={text}
      onKeyDown={move}
    >
      <span className={styles.name}>
        <b>{name}</b>
        {note && ` ${note}`}
      </span>
      {children}
    </div>
  );
}

/** The room of a reading row that is still to come. */
export function ReadingRoom({ cells }: Pick<ReadoutProps, "cells">) {
  return <div {...room(cells)} />;
}

function room(cells: number) {
  return {
    className: cells > 1 ? styles.readout : `${styles.readout} ${styles.short}`,
    style: { "--cells": cells } as CSSProperties,
  };
}

/** Where a key leads; `null` for any other key. */
function nextIndex(key: string, index: number, count: number): number | null {
  const last = count - 1;
  if (key === "ArrowRight" || key === "ArrowDown") return Math.min(last, index + 1);
  if (key === "ArrowLeft" || key === "ArrowUp") return Math.max(0, index - 1);
  if (key === "Home") return 0;
  return key === "End" ? last : null;
}

interface ValueProps {
  name: ReactNode;
  of?: string;
  /** What it has changed: such a value takes two columns. */
  change?: ReactNode;
  children: ReactNode;
}

/** One value of the row: its name, its number, and of how many, or what it has changed. */
export function Value({ name, of, change, children }: ValueProps) {
  return (
    <span className={change ? styles.wide : undefined}>
      {name} <b>{children}</b>
      {of && ` of ${of}`}
      {change && <> {change}</>}
    </span>
  );
}
