import { type ReactNode, Suspense } from "react";
import type { Caption } from "../lib/picture.ts";
import { CopyLink } from "./CopyLink.tsx";
import styles from "./Figure.module.css";

const KINDS = ["svg", "png"] as const;

/** A drawing as it stands in the page, with the words for its file. */
interface Picture {
  drawing: SVGSVGElement;
  caption: Caption;
}

export interface ChartFooterProps {
  /** Unique in the page: the place that its link names. */
  id: string;
  /** Where the numbers come from. */
  source: ReactNode;
  /** The messages and files behind them, for whoever opens it. It may come later, as the table may. */
  origin?: ReactNode;
  /** The rows behind the drawing; `null` while there are none, and left out where it is a table itself. */
  table?: ReactNode | null;
  /** What the table is of: "the ranking". */
  tableName?: string;
  tableOpen?: boolean;
  onTable?: () => void;
  csv: string;
  /** The name of the file, where the address does not say it. */
  csvName?: string;
  /** Left out where there is no drawing. */
  picture?: () => Picture | null;
}

/** Under a drawing: its table, its source, and what can be taken away. */
export function ChartFooter(props: ChartFooterProps) {
  const {
    id,
    source,
    origin,
    table,
    tableName,
    tableOpen = false,
    onTable,
    csv,
    csvName = "",
    picture,
  } = props;
  const isReady = table !== null;
  const tableId = `${id}-table`;
  const take = async (kind: "svg" | "png") => {
    const taken = picture?.();
    if (!taken) return;
    const { savePicture } = await import("../lib/picture.ts");
    await savePicture(taken.drawing, taken.caption, kind);
  };
  return (
    <>
      {tableOpen && table && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls sideways must be reachable by keyboard.
        <section className={styles.table} id={tableId} aria-label={`Table of ${tableName}`} tabIndex={0}>
          <Suspense fallback={<p aria-busy="true" />}>{table}</Suspense>
        </section>
      )}
      <div className={styles.footer}>
        <p className={styles.source}>{source}</p>
        <ul className={styles.links}>
          {onTable && (
            <li>
              <button
                type="button"
                className={styles.link}
                aria-expanded={tableOpen && isReady}
                aria-controls={tableOpen && isReady ? tableId : undefined}
                aria-keyshortcuts="t"
                disabled={!isReady}
                onClick={onTable}
              >
                {tableOpen ? "Hide table" : "Table"}
              </button>
            </li>
          )}
          <li>
            <a className={styles.link} href={isReady ? csv : undefined} download={csvName}>
              CSV
            </a>
          </li>
          {KINDS.filter(() => picture).map((kind) => (
            <li key={kind}>
              <button type="button" className={styles.link} disabled={!isReady} onClick={() => take(kind)}>
                {kind.toUpperCase()}
              </button>
            </li>
          ))}
          <li>
            <CopyLink className={styles.link} anchor={id} />
          </li>
        </ul>
      </div>
      {origin && (
        <details className={styles.origin}>
          <summary>Origin of each row</summary>
          <Suspense>{origin}</Suspense>
        </details>
      )}
    </>
  );
}
