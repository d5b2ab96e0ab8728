import type { ReactNode } from "react";
import { asApiError } from "../api/problem.ts";
import { capital } from "../lib/format.ts";
import { Button } from "./Button.tsx";
import { ReadingRoom } from "./Readout.tsx";
import styles from "./States.module.css";

/** The room that a drawing takes, known before its data. */
export interface Room {
  /** Columns of the reading row above it. */
  cells: number;
  /** Its height in pixels at characters of 16, or a class that has it where it hangs on the width of the page. */
  height: number | string | undefined;
}

/** The frame of a drawing in its final height, still, until its data come. */
export function Skeleton({ cells, height }: Room) {
  return (
    <>
      <ReadingRoom cells={cells} />
      <div
        className={typeof height === "string" ? `${styles.skeleton} ${height}` : styles.skeleton}
        style={typeof height === "number" ? { height: `${height / 16}rem` } : undefined}
        aria-busy="true"
      />
    </>
  );
}

interface EmptyProps {
  /** What there is nothing of. */
  reason: string;
  /** Why, or what to do. */
  hint: ReactNode;
  action?: { name: string; onClick: () => void } | undefined;
}

/** Nothing to draw: says why, and offers the next step. */
export function Empty({ reason, hint, action }: EmptyProps) {
  return (
    <div className={styles.empty}>
      <p>
        <b>{reason}</b> {hint}
      </p>
      {action && <Button onClick={action.onClick}>{action.name}</Button>}
    </div>
  );
}

interface FailureProps {
  /** What could not be read: "The ranking". */
  what: string;
  error: unknown;
  onRetry: () => void;
}

/** What failed, the request to quote, and one way on. */
export function Failure({ what, error, onRetry }: FailureProps) {
  const { message, requestId } = asApiError(error);
  return (
    <div className={styles.failure} role="alert">
      <p>
        <b>{what} could not be read.</b> {capital(message)}
      </p>
      {requestId && (
        <p className={styles.note}>
          Request <code>{requestId}</code>
        </p>
      )}
      <div>
        <Button onClick={onRetry}>Try again</Button>
      </div>
    </div>
  );
}
