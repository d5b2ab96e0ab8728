import "@fontsource/ibm-plex-mono/latin-400.css";
import { Button } from "./Button.tsx";
import styles from "./Command.module.css";
import { useCopy } from "./useCopy.ts";

const WORDS = { idle: "Copy", copied: "Copied", refused: "Select it by hand" } as const;

/** A line for a shell, or a name to look for, with a button that copies it. */
export function Command({ children }: { children: string }) {
  const [state, copy] = useCopy();
  return (
    <div className={styles.command}>
      <code>{children}</code>
      <Button onClick={() => void copy(children)}>
        <span aria-live="polite">{WORDS[state]}</span>
      </Button>
    </div>
  );
}
