import type { ApiError } from "../../api/problem.ts";
import { visible } from "../../lib/visible.ts";
import styles from "./Refused.module.css";

interface RefusedProps {
  command: { error: ApiError | null; isConflict: boolean };
  /** What the command is about: "The row". */
  what: string;
}

/** Why a command was refused. After another operator's, the thing stands there anew, and what is typed stays. */
export function Refused({ command: { error, isConflict }, what }: RefusedProps) {
  if (!error) return null;
  return (
    <p className={styles.refused} role="alert">
      {isConflict && <b>Not done: it has changed. </b>}
      {visible(error.message)}
      {isConflict && ` ${what} is shown as it is now.`}
      {error.requestId && <span className={styles.id}> Request {error.requestId}</span>}
    </p>
  );
}
