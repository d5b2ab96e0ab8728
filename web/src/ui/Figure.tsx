import type { ReactNode } from "react";
import { ChartFooter, type ChartFooterProps } from "./ChartFooter.tsx";
import styles from "./Figure.module.css";

export interface FigureProps extends ChartFooterProps {
  /** The finding, or what is shown where there is none. */
  heading: ReactNode;
  /** What is measured. */
  sub: ReactNode;
  choices: ReactNode;
  /** Whether its numbers are old: they stay and lose their colour. */
  stale: boolean;
  /** Whether those of another choice are on their way. */
  busy?: boolean;
  /** What is to be said of them, in a line of its own under the choices. */
  pendingNotice?: ReactNode;
  /** The reading row and the drawing, or the state in their place. */
  children: ReactNode;
}

/** A chart: finding, what is measured, choices, drawing, table, footer. */
export function Figure({
  heading,
  sub,
  choices,
  stale,
  busy,
  pendingNotice,
  children,
  ...footer
}: FigureProps) {
  const finding = `${footer.id}-finding`;
  return (
    <figure
      id={footer.id}
      className={styles.figure}
      data-stale={stale ? "" : undefined}
      aria-busy={busy || undefined}
      aria-labelledby={finding}
    >
      <figcaption className={styles.caption}>
        <h2 id={finding}>{heading}</h2>
        <p className={styles.sub}>{sub}</p>
      </figcaption>
      {choices && <div className={styles.choices}>{choices}</div>}
      {pendingNotice && (
        <p className={styles.pendingNotice} role="status">
          {pendingNotice}
        </p>
      )}
      {children}
      <ChartFooter {...footer} />
    </figure>
  );
}
