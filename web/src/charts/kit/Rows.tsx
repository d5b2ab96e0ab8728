import marks from "./marks.module.css";

interface RowsProps {
  rows: readonly { y: number; label: string }[];
  left: number;
  right: number;
  /** The row of a scale that starts there, as zero does. */
  base?: number;
  /** The row to be noticed. */
  strong?: number | undefined;
}

/** The horizontal grid, with its labels on the left. */
export function Rows({ rows, left, right, base, strong }: RowsProps) {
  return rows.map(({ y, label }) => (
    <g key={label}>
      <line className={y === base ? marks.axis : marks.grid} x1={left} x2={right} y1={y} y2={y} />
      <text className={y === strong ? marks.strong : undefined} x={left - 8} y={y + 4} textAnchor="end">
        {label}
      </text>
    </g>
  ));
}
