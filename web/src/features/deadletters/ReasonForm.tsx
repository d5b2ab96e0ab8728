import { type ReactNode, useEffect, useRef, useState } from "react";
import { Button } from "../../ui/Button.tsx";
import styles from "./Forms.module.css";

interface ReasonFormProps {
  /** What is done, with the number it touches: "Discard 3 rows". */
  name: string;
  /** What that means. */
  hint: ReactNode;
  /** Whether it takes something away. */
  bad?: boolean;
  isBusy: boolean;
  onDo: (reason: string) => void;
  onCancel: () => void;
  /** Other choices, and why it was refused. */
  children?: ReactNode;
}

/** Asks why, before anything is done. The reason goes to the audit. */
export function ReasonForm({ name, hint, bad, isBusy, onDo, onCancel, children }: ReasonFormProps) {
  const [reason, setReason] = useState("");
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);
  return (
    <form
      className={styles.form}
      aria-label={name}
      onSubmit={(event) => {
        event.preventDefault();
        if (reason.trim() !== "") onDo(reason.trim());
      }}
      onKeyDown={(event) => {
        if (event.key === "Escape") onCancel();
      }}
    >
      <p>{hint}</p>
      {children}
      <label className={styles.wide}>
        Why
        <input
          ref={field}
          required
          maxLength={500}
          value={reason}
          onInput={(event) => setReason(event.currentTarget.value)}
        />
      </label>
      <div className={styles.acts}>
        <Button kind={bad ? "bad" : "main"} disabled={isBusy || reason.trim() === ""}>
          {name}
        </Button>
        <Button onClick={onCancel}>Cancel</Button>
      </div>
    </form>
  );
}
