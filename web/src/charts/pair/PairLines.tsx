import { useMemo } from "react";
import { pairLayout } from "./layout.ts";
import styles from "./PairLines.module.css";

interface PairLinesProps {
  line: readonly (number | null)[];
  /** The title that it is likened to, in grey. */
  behind: readonly (number | null)[];
  label: string;
}

const SIZE = { width: 116, height: 48 };

/** Two short lines on one scale. */
export function PairLines({ line, behind, label }: PairLinesProps) {
  return (
    <svg className={styles.pair} viewBox={`0 0 ${SIZE.width} ${SIZE.height}`} role="img" aria-label={label}>
      <PairMarks line={line} behind={behind} {...SIZE} />
    </svg>
  );
}

type PairMarksProps = Omit<PairLinesProps, "label"> & { width: number; height: number };

/** The marks alone, to be placed in a larger drawing. */
export function PairMarks({ line, behind, width, height }: PairMarksProps) {
  const layout = useMemo(() => pairLayout(line, behind, { width, height }), [line, behind, width, height]);
  return (
    <>
      <path className={styles.behind} d={layout.behind.path} />
      <path className={styles.line} d={layout.line.path} />
      {layout.line.isolated.map((point) => (
        <circle key={point.x} className={styles.dot} cx={point.x} cy={point.y} r="1.5" />
      ))}
      {layout.end && <circle className={styles.dot} cx={layout.end.x} cy={layout.end.y} r="2.5" />}
    </>
  );
}
