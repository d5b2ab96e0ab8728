import { type RefObject, useId } from "react";
import { Button } from "../../ui/Button.tsx";
import styles from "./ShortcutsDialog.module.css";

const KEYS: readonly (readonly [keys: readonly string[], what: string])[] = [
  [["t"], "Show or hide the table of the chart in sight"],
  [["?"], "Show this list"],
  [["Esc"], "Close this list"],
  [["←", "→", "↑", "↓"], "In a chart’s reading row: the point before or after"],
  [["Home", "End"], "In a chart’s reading row: the first or last point"],
];

/** The keys of the page. */
export function ShortcutsDialog({ dialog }: { dialog: RefObject<HTMLDialogElement | null> }) {
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
      <Button onClick={() => dialog.current?.close()}>Close</Button>
    </dialog>
  );
}
