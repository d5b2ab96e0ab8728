import type { ReactNode } from "react";
import { Feet, type FeetProps } from "./Feet.tsx";
import styles from "./Figure.module.css";

export interface FigureProps extends FeetProps {
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
  awaited?: ReactNode;
  /** The reading row and the drawing, or the state in their place. */
  children: ReactNode;
}

/** A chart: finding, what is measured, choices, drawing, table, feet. */
export function Figure({ heading, sub, choices, stale, busy, awaited, children, ...feet }: FigureProps) {
  const finding = `${feet.id}-finding`;
  return (
    <figure
      id={feet.id}
      className={styles.figure}
      data-stale={stale ? "" : undefined}
      aria-busy={busy || undefined}
      aria-labelledby={finding}
    >
      <figcaption className={styles.caption}>
        <h2 id={finding}>{heading}</h2>
        <p className={styles.sub}>{sub}</p>
      </figcaption>
      <div className={styles.choices}>{choices}</div>
      {awaited && (
        <p className={styles.awaited} role="status">
          {awaited}
        </p>
      )}
      {children}
      <Feet {...feet} />
    </figure>
  );
}
