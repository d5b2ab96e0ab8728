import { type RefObject, useId } from "react";
import { Button } from "../../ui/Button.tsx";
import styles from "./ShortcutsDialog.module.css";
import type { Shortcuts } from "./useShortcuts.ts";

const KEYS: readonly (readonly [keys: readonly string[], what: string])[] = [
  [["t"], "Show or hide the table of the chart that you are in"],
  [["/"], "Search titles"],
  [["j", "k"], "Among dead letters: the next row or the one before"],
  [["d"], "Among dead letters: make a dry run"],
  [["?"], "Show this list"],
  [["Esc"], "Close this list, or that of the titles found"],
  [["←", "→", "↑", "↓"], "In a chart’s reading row: the point before or after"],
  [["Home", "End"], "In a chart’s reading row: the first or last point"],
];

interface ShortcutsDialogProps {
  dialog: RefObject<HTMLDialogElement | null>;
  shortcuts: Shortcuts;
}

/** The keys of the page, and the switch for those that could be pressed by chance. */
export function ShortcutsDialog({ dialog, shortcuts: { on, turn } }: ShortcutsDialogProps) {
  const title = useId();
  return (
    <dialog ref={dialog} className={styles.dialog} aria-labelledby={title} closedby="any">
      <h2 id={title}>Keyboard shortcuts</h2>
      <dl>
        {KEYS.map(([keys, what]) => (
          <div key={what}>
            <dt>
              {keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      <label className={styles.turn}>
        <input type="checkbox" checked={on} onChange={(event) => turn(event.target.checked)} />
        Use the keys /, t, j, k, d and ?
      </label>
      <Button onClick={() => dialog.current?.close()}>Close</Button>
    </dialog>
  );
}
