import marks from "./marks.module.css";

interface ColumnsProps {
  columns: readonly { x: number; label: string }[];
  top: number;
  bottom: number;
}

/** The vertical grid of bars that lie, with its labels below. */
export function Columns({ columns, top, bottom }: ColumnsProps) {
  return columns.map(({ x, label }) => (
    <g key={label}>
      <line className={marks.grid} x1={x} x2={x} y1={top} y2={bottom} />
      <text x={x} y={bottom + 18} textAnchor="middle">
        {label}
      </text>
    </g>
  ));
}
