import type { ReactNode } from "react";
import type { ChartId } from "../routes/search.ts";
import { CopyLink } from "./CopyLink.tsx";
import styles from "./Figure.module.css";
import { Stale } from "./States.tsx";

export interface FigureProps {
  id: ChartId;
  /** The finding, or what is shown where there is none. */
  heading: ReactNode;
  /** What is measured. */
  sub: ReactNode;
  choices: ReactNode;
  /** Said above the drawing while its numbers are old. */
  stale: string | null;
  /** The reading row and the drawing, or the state in their place. */
  children: ReactNode;
  /** Where the numbers come from. */
  source: ReactNode;
  /** The rows behind the drawing; `null` while there are none. */
  table: ReactNode | null;
  /** What the table is of: "the ranking". */
  tableName: string;
  tableOpen: boolean;
  onTable: () => void;
  csv: string;
  onPicture: () => void;
}

/** A chart: finding, what is measured, choices, drawing, table, feet. */
export function Figure(props: FigureProps) {
  const {
    id,
    heading,
    sub,
    choices,
    stale,
    children,
    source,
    table,
    tableName,
    tableOpen,
    onTable,
    csv,
    onPicture,
  } = props;
  const tableId = `${id}-table`;
  return (
    <figure
      id={id}
      className={styles.figure}
      data-stale={stale ? "" : undefined}
      aria-labelledby={`${id}-finding`}
    >
      <figcaption className={styles.caption}>
        <h2 id={`${id}-finding`}>{heading}</h2>
        <p className={styles.sub}>{sub}</p>
      </figcaption>
      <div className={styles.choices}>{choices}</div>
      {stale && <Stale note={stale} announced />}
      {children}
      {tableOpen && table && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls sideways must be reachable by keyboard.
        <section className={styles.table} id={tableId} aria-label={`Table of ${tableName}`} tabIndex={0}>
          {table}
        </section>
      )}
      <div className={styles.feet}>
        <p className={styles.source}>{source}</p>
        <ul className={styles.links}>
          <li>
            <button
              type="button"
              className={styles.link}
              aria-expanded={tableOpen && table !== null}
              aria-controls={tableOpen && table ? tableId : undefined}
              aria-keyshortcuts="t"
              disabled={table === null}
              onClick={onTable}
            >
              {tableOpen ? "Hide table" : "Table"}
            </button>
          </li>
          <li>
            <a className={styles.link} href={csv} download>
              CSV
            </a>
          </li>
          <li>
            <button type="button" className={styles.link} disabled={table === null} onClick={onPicture}>
              SVG
            </button>
          </li>
          <li>
            <CopyLink className={styles.link} anchor={id} />
          </li>
        </ul>
      </div>
    </figure>
  );
}
