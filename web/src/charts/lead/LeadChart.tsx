import { useCallback, useId, useMemo } from "react";
import type { SparkDay } from "../../api/types.gen.ts";
import { shortDay } from "../../lib/dates.ts";
import { score } from "../../lib/format.ts";
import { cut, type Name } from "../../lib/titles.ts";
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
  /** The title behind, where its score is near. */
  follower: { name: Name; days: readonly SparkDay[] } | null;
  /** What the drawing shows, in a sentence. */
  summary: string;
}

/** Narrower drawings leave the name of the second line to the words beside them. */
const NAMED_FROM = 500;
const NAME_BELOW = 20;
const NAME_LETTERS = 44;

/** The leading title's score, day by day, over that of the title behind. */
export function LeadChart({ days, mark, follower, summary }: LeadChartProps) {
  const [ref, width] = useWidth<HTMLDivElement>();
  const behind = follower?.days ?? null;
  const layout = useMemo(
    () => (width === null ? null : leadLayout({ days, follower: behind, mark }, width)),
    [days, behind, width, mark],
  );
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
        cells={1}
        count={days.length}
        index={reading.index}
        onMove={move}
        text={`${shortDay(day.day)}: ${value}`}
        name={shortDay(day.day)}
      >
        {day.score === null ? <span>not observed</span> : <Value name="score">{value}</Value>}
      </Reading>
      <div ref={ref} className={`${marks.draw} ${styles.draw}`}>
        {layout && (
          <Drawing
            layout={layout}
            index={reading.moved ? reading.index : null}
            name={follower?.name ?? null}
            summary={summary}
          />
        )}
      </div>
    </div>
  );
}

interface DrawingProps {
  layout: LeadLayout;
  /** The day being read, once somebody has moved it. */
  index: number | null;
  /** Of the title behind. */
  name: Name | null;
  summary: string;
}

function Drawing({ layout, index, name, summary }: DrawingProps) {
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
        <rect
          key={gap.x}
          x={gap.x}
          y={plot.top}
          width={gap.width}
          height={plot.bottom - plot.top}
          fill={`url(#${hatch})`}
        />
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
      {layout.gaps.map((gap) => (
        <text
          key={gap.x}
          className={`${marks.halo} ${marks.soft}`}
          textAnchor="middle"
          transform={`translate(${gap.x + gap.width / 2} ${(plot.top + plot.bottom) / 2}) rotate(${gap.upright ? -90 : 0})`}
          dy="4"
        >
          not observed
        </text>
      ))}
      {layout.mark && (
        <line className={marks.hair} x1={plot.left} x2={plot.right} y1={layout.mark.y} y2={layout.mark.y} />
      )}
      {hair && <line className={marks.hair} x1={hair.x} x2={hair.x} y1={plot.top} y2={plot.bottom} />}
      <Follower layout={layout} name={name} />
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

/** A thin line, its name under its end where there is room, and its score. */
function Follower({ layout, name }: { layout: LeadLayout; name: Name | null }) {
  const { follower, plot, width } = layout;
  if (!follower?.last) return null;
  const { line, last, textY } = follower;
  const below = textY + NAME_BELOW < plot.bottom;
  return (
    <>
      <path className={styles.behind} d={line.path} />
      {line.lonely.map((point) => (
        <circle key={point.x} className={styles.behindDot} cx={point.x} cy={point.y} r="2" />
      ))}
      <circle className={styles.behindDot} cx={last.x} cy={last.y} r="3" />
      <text className={marks.soft} x={last.x + 11} y={textY + 5}>
        {score(last.score)}
      </text>
      {name && width >= NAMED_FROM && (
        <text
          className={`${marks.halo} ${marks.soft}`}
          lang={name.lang}
          x={plot.right}
          y={below ? last.y + NAME_BELOW : last.y - 10}
          textAnchor="end"
        >
          {cut(name.text, NAME_LETTERS)}
        </text>
      )}
    </>
  );
}
