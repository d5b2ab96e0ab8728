import { memo, type Ref, useCallback, useEffect, useMemo } from "react";
import { GapBands } from "../kit/GapBands.tsx";
import marks from "../kit/marks.module.css";
import { usePointer } from "../kit/usePointer.ts";
import { useWidth } from "../kit/useSize.ts";
import { type PlacedWeek, type PlacesLayout, placesLayout } from "./layout.ts";
import styles from "./PlacesChart.module.css";

interface PlacesChartProps {
  weeks: readonly PlacedWeek[];
  /** The first week at the best place. */
  peakWeek: string | null;
  /** The week being read; `null` until somebody has moved it. */
  index: number | null;
  onMove: (index: number) => void;
  measure: "score" | "members";
  summary: string;
  svg: Ref<SVGSVGElement>;
  /** Hears how many of the weeks there is room for. */
  onDrawn: (count: number) => void;
}

/** A title's places on a weekly list, a ring for each. */
export function PlacesChart({
  weeks,
  peakWeek,
  index,
  onMove,
  measure,
  summary,
  svg,
  onDrawn,
}: PlacesChartProps) {
  const [ref, width] = useWidth<HTMLDivElement>();
  const layout = useMemo(
    () => (width === null ? null : placesLayout(weeks, peakWeek, width)),
    [weeks, peakWeek, width],
  );
  const drawn = layout?.marks.length;
  useEffect(() => {
    if (drawn !== undefined) onDrawn(drawn);
  }, [drawn, onDrawn]);
  usePointer(
    ref,
    useCallback((x: number) => layout && onMove(layout.from + layout.at(x)), [layout, onMove]),
  );
  const chosen = layout && index !== null ? layout.marks[index - layout.from] : null;
  return (
    <div ref={ref} className={`${marks.draw} ${styles.draw}`} data-measure={measure}>
      {layout && (
        <svg
          ref={svg}
          width={layout.width}
          height={layout.height}
          viewBox={`0 0 ${layout.width} ${layout.height}`}
          role="img"
          aria-label={summary}
        >
          <Still layout={layout} />
          {chosen && (
            <circle data-readout="" className={styles.chosen} cx={chosen.x} cy={chosen.y} r="11.5" />
          )}
        </svg>
      )}
    </div>
  );
}

const Still = memo(function Drawing({ layout }: { layout: PlacesLayout }) {
  return (
    <>
      <GapBands gaps={layout.gaps} top={0} bottom={layout.bottom + 12} />
      <path className={styles.line} d={layout.path} />
      {layout.marks.map(
        (mark) =>
          mark && (
            <g key={mark.x} className={mark.peak ? styles.peak : styles.week}>
              <circle cx={mark.x} cy={mark.y} r={mark.ringed ? 9 : 3} />
              {mark.ringed && (
                <text x={mark.x} y={mark.y + 4} textAnchor="middle">
                  {mark.place}
                </text>
              )}
            </g>
          ),
      )}
      {layout.labels.map(({ x, text, anchor }) => (
        <text key={anchor} x={x} y={layout.height - 4} textAnchor={anchor}>
          {text}
        </text>
      ))}
    </>
  );
});
