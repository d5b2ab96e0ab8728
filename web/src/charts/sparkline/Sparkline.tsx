import { sparklineLayout } from "./layout.ts";
import styles from "./Sparkline.module.css";

interface SparklineProps {
  values: readonly (number | null)[];
  width: number;
  height: number;
  label: string;
}

/** A line as high as a word, broken where nothing was observed. */
export function Sparkline({ values, width, height, label }: SparklineProps) {
  return (
    <svg className={styles.sparkline} viewBox={`0 0 ${width} ${height}`} role="img" aria-label={label}>
      <SparklineMarks values={values} width={width} height={height} />
    </svg>
  );
}

/** The marks alone, to be placed in a larger drawing. */
export function SparklineMarks({ values, width, height }: Omit<SparklineProps, "label">) {
  const { line, last } = sparklineLayout(values, width, height);
  return (
    <>
      <path className={styles.line} d={line.path} />
      {line.isolated.map((point) => (
        <circle key={point.x} className={styles.dot} cx={point.x} cy={point.y} r="1.25" />
      ))}
      {last && <circle className={styles.dot} cx={last.x} cy={last.y} r="2.5" />}
    </>
  );
}
