import { memo, type Ref, useCallback, useMemo } from "react";
import type { GenreShare } from "../../api/types.gen.ts";
import { Columns } from "../kit/Columns.tsx";
import marks from "../kit/marks.module.css";
import { usePointer } from "../kit/usePointer.ts";
import { useWidth } from "../kit/useSize.ts";
import styles from "./GenresChart.module.css";
import { fitName, type GenresLayout, genresHeight, genresLayout, type Measure, PAD } from "./layout.ts";

interface GenresChartProps {
  genres: readonly GenreShare[];
  measure: Measure;
  /** The row being read. */
  index: number;
  /** The rows whose mean scores are compared; the others' stand in brackets. */
  compared: readonly GenreShare[];
  /** The one with the highest, set in bold. */
  best: GenreShare | null;
  onPoint: (index: number) => void;
  summary: string;
  svg: Ref<SVGSVGElement>;
}

const BRACKET = 4;

/** Bars from zero, the longest first. */
export function GenresChart(props: GenresChartProps) {
  const { genres, measure, index, compared, best, onPoint, summary, svg } = props;
  const [ref, width] = useWidth<HTMLDivElement>();
  const layout = useMemo(
    () => (width === null ? null : genresLayout(genres, measure, width)),
    [genres, measure, width],
  );
  usePointer(
    ref,
    useCallback((_: number, y: number) => layout && onPoint(layout.at(y)), [layout, onPoint]),
  );
  return (
    <div
      ref={ref}
      className={marks.draw}
      style={{ minHeight: `calc(${genresHeight(genres.length)}px * var(--zoom, 1))` }}
    >
      {layout && (
        <svg ref={svg} width={layout.width} height={layout.height} role="img" aria-label={summary}>
          <Frame layout={layout} />
          {layout.rows.map((row, place) => {
            const genre = genres[place];
            return (
              <Row
                key={row.name}
                layout={layout}
                row={row}
                isRead={place === index}
                isBest={genre === best}
                isCompared={compared.some((one) => one === genre)}
              />
            );
          })}
          <line className={marks.axis} x1={layout.left} x2={layout.left} y1={layout.top} y2={layout.bottom} />
        </svg>
      )}
    </div>
  );
}

interface RowProps {
  layout: GenresLayout;
  row: GenresLayout["rows"][number];
  isRead: boolean;
  isBest: boolean;
  isCompared: boolean;
}

/** Name, bar and score; only the row that is read, and the one before it, are drawn anew. */
const Row = memo(function Row({ layout, row, isRead, isBest, isCompared }: RowProps) {
  // Without a score there is nothing to compare; a bracket hangs, so that the figures stay in line.
  const bracket = !isCompared && row.scored;
  return (
    <g>
      {isRead && (
        <rect
          data-readout=""
          className={styles.chosen}
          x="0"
          y={row.y - layout.half}
          width={layout.width}
          height={layout.half * 2}
        />
      )}
      <text className={styles.name} x={PAD} y={row.y + 5}>
        {fitName(row.name, layout.left)}
      </text>
      <rect className={styles.bar} x={layout.left} y={row.y - 6} width={row.bar} height="12" />
      <text className={`${marks.strong} ${marks.halo}`} x={layout.left + row.bar + 7} y={row.y + 4}>
        {row.value}
      </text>
      <text
        className={isBest ? marks.strong : isCompared ? styles.compared : undefined}
        x={layout.width - PAD + (bracket ? BRACKET : 0)}
        y={row.y + 4}
        textAnchor="end"
      >
        {bracket ? `(${row.score})` : row.score}
      </text>
    </g>
  );
});

/** What stands behind the rows. */
const Frame = memo(function Frame({ layout }: { layout: GenresLayout }) {
  return (
    <>
      <text x={layout.width - PAD} y="12" textAnchor="end">
        mean score
      </text>
      <Columns columns={layout.columns} top={layout.top} bottom={layout.bottom} />
    </>
  );
});
