import { useId, useState } from "react";
import type { ApiError } from "../../api/problem.ts";
import { quoted } from "../../lib/filter.ts";
import { capital } from "../../lib/format.ts";
import { Button } from "../../ui/Button.tsx";
import { useCopy } from "../../ui/useCopy.ts";
import styles from "./FilterField.module.css";

interface FilterFieldProps {
  filter: string;
  /** Why the server refused it. */
  error: ApiError | null;
  onFilter: (filter: string) => void;
}

const WORDS = { idle: "Copy as command", copied: "Copied", refused: "Copying is not allowed" } as const;

/** The filter as text, where it is wrong, and the same in a terminal. */
export function FilterField({ filter, error, onFilter }: FilterFieldProps) {
  const [text, setText] = useState(filter);
  const [before, setBefore] = useState(filter);
  const [copied, copy] = useCopy();
  const errorId = useId();
  if (before !== filter) {
    // Another link or button has chosen it.
    setBefore(filter);
    setText(filter);
  }
  return (
    <search className={styles.search}>
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          onFilter(text);
        }}
      >
        <label className={styles.field}>
          <span className="vh">Filter</span>
          <svg viewBox="0 0 16 16" aria-hidden="true">
            <path d="M1.5 3h13M4 8h8M6.5 13h3" />
          </svg>
          <input
            value={text}
            placeholder="everything"
            spellCheck={false}
            autoComplete="off"
            autoCapitalize="off"
            maxLength={2000}
            aria-invalid={error ? true : undefined}
            aria-describedby={error ? errorId : undefined}
            onInput={(event) => setText(event.currentTarget.value)}
          />
        </label>
        <Button>Filter</Button>
        <Button onClick={() => void copy(`bin/kansoku dlq ls ${quoted(filter)}`)}>
          <span aria-live="polite">{WORDS[copied]}</span>
        </Button>
      </form>
      {error && (
        <div id={errorId} className={styles.error} role="alert">
          <Place filter={filter} column={columnOf(error)} />
          <p>{capital(error.message.replace(/^filter: /, ""))}</p>
        </div>
      )}
    </search>
  );
}

/** The column that an error names, counted from 1. */
function columnOf({ more, message }: ApiError): number | null {
  const column = Number(more.column ?? /\bcolumn (\d+)/.exec(message)?.[1]);
  return Number.isInteger(column) && column > 0 ? column : null;
}

/** The filter with the wrong place marked. */
function Place({ filter, column }: { filter: string; column: number | null }) {
  if (column === null) return null;
  const characters = [...filter];
  const from = Math.min(column - 1, characters.length);
  const length = Math.max(
    1,
    characters.slice(from).findIndex((one) => /\s/.test(one)),
  );
  const to = characters.slice(from).some((one) => /\s/.test(one)) ? from + length : characters.length;
  return (
    <p>
      <code>
        {characters.slice(0, from).join("")}
        <mark>{characters.slice(from, to).join("") || " "}</mark>
        {characters.slice(to).join("")}
      </code>
    </p>
  );
}
