import { useCallback, useId, useMemo } from "react";
import type { SparkDay } from "../../api/types.gen.ts";
import { shortDay } from "../../lib/dates.ts";
import { score } from "../../lib/format.ts";
import { Reading, Value } from "../../ui/Reading.tsx";
import { Hatch } from "../core/Hatch.tsx";
import marks from "../core/marks.module.css";
import { usePointer } from "../core/usePointer.ts";
import { useReading } from "../core/useReading.ts";
import { useWidth } from "../core/useSize.ts";
import styles from "./LeadChart.module.css";
import { type LeadLayout, leadLayout } from "./layout.ts";

interface LeadChartProps {
  days: readonly SparkDay[];
  mark: number | null;
  /** What the drawing shows, in a sentence. */
  summary: string;
}

/** The leading title's score, day by day. */
export function LeadChart({ days, mark, summary }: LeadChartProps) {
  const [ref, width] = useWidth<HTMLDivElement>();
  const layout = useMemo(() => (width === null ? null : leadLayout(days, width, mark)), [days, width, mark]);
  const reading = useReading(days.length, days.length - 1);
  const { move } = reading;
  usePointer(
    ref,
    useCallback((x: number) => layout && move(layout.at(x)), [layout, move]),
  );
  const day = days[reading.index];
  if (!day) return null;
  const value = day.score === null ? "not observed" : score(day.score);
  return (
    <div>
      <Reading
        label="Days"
        short
        count={days.length}
        index={reading.index}
        onMove={move}
        text={`${shortDay(day.day)}: ${value}`}
      >
        <b>{shortDay(day.day)}</b>
        {day.score === null ? <span>not observed</span> : <Value name="score">{value}</Value>}
      </Reading>
      <div ref={ref} className={`${marks.draw} ${styles.draw}`}>
        {layout && <Drawing layout={layout} index={reading.moved ? reading.index : null} summary={summary} />}
      </div>
    </div>
  );
}

function Drawing({ layout, index, summary }: { layout: LeadLayout; index: number | null; summary: string }) {
  const hatch = useId();
  const { plot } = layout;
  const chosen = index === null ? null : layout.points[index];
  const hair = index === null ? null : layout.days[index];
  return (
    <svg width={layout.width} height={layout.height} role="img" aria-label={summary}>
      <defs>
        <Hatch id={hatch} />
      </defs>
      {layout.gaps.map((gap) => (
        <g key={gap.x}>
          <rect
            x={gap.x}
            y={plot.top}
            width={gap.width}
            height={plot.bottom - plot.top}
            fill={`url(#${hatch})`}
          />
          <text
            className={`${marks.halo} ${marks.soft}`}
            textAnchor="middle"
            transform={`translate(${gap.x + gap.width / 2} ${(plot.top + plot.bottom) / 2}) rotate(${gap.upright ? -90 : 0})`}
            dy="4"
          >
            not observed
          </text>
        </g>
      ))}
      {layout.rows.map((row) => (
        <g key={row.label}>
          <line className={marks.grid} x1={plot.left} x2={plot.right} y1={row.y} y2={row.y} />
          <text
            className={row.y === layout.mark?.y ? marks.strong : undefined}
            x={plot.left - 8}
            y={row.y + 4}
            textAnchor="end"
          >
            {row.label}
          </text>
        </g>
      ))}
      {layout.mark && (
        <line className={marks.hair} x1={plot.left} x2={plot.right} y1={layout.mark.y} y2={layout.mark.y} />
      )}
      {hair && <line className={marks.hair} x1={hair.x} x2={hair.x} y1={plot.top} y2={plot.bottom} />}
      <path className={styles.line} d={layout.line.path} />
      {layout.line.lonely.map((point) => (
        <circle key={point.x} className={styles.dot} cx={point.x} cy={point.y} r="3" />
      ))}
      {chosen && <circle className={styles.ring} cx={chosen.x} cy={chosen.y} r="5" />}
      {layout.last && (
        <>
          <circle className={styles.dot} cx={layout.last.x} cy={layout.last.y} r="4.5" />
          <text className={`${marks.strong} ${styles.last}`} x={layout.last.x + 11} y={layout.last.y + 7}>
            {score(layout.last.score)}
          </text>
        </>
      )}
      {layout.days.map((day) => (
        <g key={day.day}>
          {day.observed ? (
            <line className={marks.axis} x1={day.x} x2={day.x} y1={plot.bottom + 4} y2={plot.bottom + 10} />
          ) : (
            <circle className={styles.missing} cx={day.x} cy={plot.bottom + 7} r="2" />
          )}
          {day.label && (
            <text x={day.x} y={plot.bottom + 28} textAnchor="middle">
              {day.label}
            </text>
          )}
        </g>
      ))}
    </svg>
  );
}
