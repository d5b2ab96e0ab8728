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
  const layout = useMemo(() => pairLayout(line, behind, SIZE), [line, behind]);
  return (
    <svg className={styles.pair} viewBox={`0 0 ${SIZE.width} ${SIZE.height}`} role="img" aria-label={label}>
      <path className={styles.behind} d={layout.behind.path} />
      <path className={styles.line} d={layout.line.path} />
      {layout.line.isolated.map((point) => (
        <circle key={point.x} className={styles.dot} cx={point.x} cy={point.y} r="1.5" />
      ))}
      {layout.end && <circle className={styles.dot} cx={layout.end.x} cy={layout.end.y} r="2.5" />}
    </svg>
  );
}
