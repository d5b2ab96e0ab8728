import { memo, type Ref, useCallback, useMemo } from "react";
import type { SeasonPoint } from "../../api/types.gen.ts";
import { score } from "../../lib/format.ts";
import { scoreOf, seasonName } from "../../lib/seasons.ts";
import { trianglePath } from "../../ui/Delta.tsx";
import { GapBands } from "../kit/GapBands.tsx";
import { GapText } from "../kit/GapText.tsx";
import marks from "../kit/marks.module.css";
import { Rows } from "../kit/Rows.tsx";
import { usePointer } from "../kit/usePointer.ts";
import { useWidth } from "../kit/useSize.ts";
import { type SeasonsChoice, type SeasonsLayout, seasonsLayout } from "./layout.ts";
import styles from "./SeasonsChart.module.css";

interface SeasonsChartProps {
  points: readonly SeasonPoint[];
  choice: SeasonsChoice;
  /** The season being read, and whether somebody chose it. */
  index: number;
  moved: boolean;
  onPoint: (index: number) => void;
  /** The newest season with a score, which is written at the end of its line. */
  newest: number;
  summary: string;
  svg: Ref<SVGSVGElement>;
}

/** What the two panels show. */
const NAMES = {
  score: { mean: "Mean score", median: "Median score" },
  members: { sum: "Members of all titles", median: "Median of members" },
} as const;
/** Between the last dot and its score, and how wide that is. */
const BESIDE = 9;
const END_WIDTH = 40;

/** Score above, members below, one time axis. */
export function SeasonsChart(props: SeasonsChartProps) {
  const { points, choice, index, moved, onPoint, newest, summary, svg } = props;
  const [ref, width] = useWidth<HTMLDivElement>();
  const layout = useMemo(
    () => (width === null ? null : seasonsLayout(points, choice, width)),
    [points, choice, width],
  );
  usePointer(
    ref,
    useCallback((x: number) => layout && onPoint(layout.at(x)), [layout, onPoint]),
  );
  return (
    <div ref={ref} className={`${marks.draw} ${styles.draw}`}>
      {layout && (
        <svg ref={svg} width={layout.width} height={layout.height} role="img" aria-label={summary}>
          <Still layout={layout} points={points} choice={choice} newest={newest} />
          {moved && <Crosshair layout={layout} index={index} />}
        </svg>
      )}
    </div>
  );
}

type StillProps = Pick<SeasonsChartProps, "points" | "choice" | "newest"> & { layout: SeasonsLayout };

/** All that does not move with the crosshair. */
const Still = memo(function Drawing({ layout, points, choice, newest }: StillProps) {
  return (
    <>
      <GapBands gaps={layout.gaps} top={layout.score.top} bottom={layout.score.bottom} />
      <GapBands gaps={layout.gaps} top={layout.members.top} bottom={layout.members.bottom} />
      <Panel layout={layout} panel="score" name={NAMES.score[choice.score]} />
      <Panel layout={layout} panel="members" name={NAMES.members[choice.members]} />
      <GapText gaps={layout.gaps} text="not observed" />
      <GapText gaps={layout.unscored} text="no score" />
      <Marks layout={layout} points={points} choice={choice} newest={newest} />
      <TimeAxis layout={layout} />
    </>
  );
});

/** The season being read; no file has it. */
function Crosshair({ layout, index }: { layout: SeasonsLayout; index: number }) {
  const chosen = layout.marks[index];
  if (!chosen) return null;
  const { x, score: point } = chosen;
  return (
    <g data-readout="">
      <line className={marks.crosshair} x1={x} x2={x} y1={layout.score.top} y2={layout.members.bottom} />
      {point && <circle className={point.few ? styles.few : styles.ring} cx={point.x} cy={point.y} r="6" />}
    </g>
  );
}

function Marks({ layout, points, choice, newest }: StillProps) {
  const end = points[newest];
  const last = layout.marks[newest];
  return (
    <>
      {layout.marks.map((mark, place) => {
        const point = points[place];
        return (
          mark.bar &&
          point && (
            <rect
              key={seasonName(point)}
              className={barClass(mark.bar)}
              x={mark.bar.x}
              y={mark.bar.y}
              width={mark.bar.width}
              height={mark.bar.height}
            />
          )
        );
      })}
      <line
        className={marks.axis}
        x1={layout.left}
        x2={layout.right}
        y1={layout.members.bottom}
        y2={layout.members.bottom}
      />
      {layout.marks.map(
        ({ unscored }) =>
          unscored && (
            <line
              key={unscored.x}
              className={styles.unscored}
              x1={unscored.x}
              x2={unscored.x + unscored.width}
              y1={layout.score.bottom}
              y2={layout.score.bottom}
            />
          ),
      )}
      <path className={styles.dotted} d={layout.line.dotted} />
      <path className={styles.line} d={layout.line.solid} />
      {layout.dots.map(({ x, y, few, r }) => (
        <circle key={x} className={few ? styles.few : styles.dot} cx={x} cy={y} r={r} />
      ))}
      {layout.marks.map(({ beyond }) =>
        beyond.map(({ x, y, up }) => (
          <path
            key={`${x} ${y}`}
            className={styles.few}
            transform={`translate(${x - 4} ${up ? y : y - 8})`}
            d={trianglePath(up)}
          />
        )),
      )}
      {end && last?.score && (
        <text
          className={`${marks.strong} ${marks.halo} ${styles.end}`}
          x={Math.min(last.score.x + BESIDE, layout.width - END_WIDTH)}
          y={last.score.y + 6}
        >
          {score(scoreOf(end, choice.score))}
        </text>
      )}
    </>
  );
}

function barClass({ weak }: NonNullable<SeasonsLayout["marks"][number]["bar"]>): string | undefined {
  if (weak === null) return styles.bar;
  return weak === "hollow" ? styles.hollowBar : styles.thinBar;
}

function Panel({ layout, panel, name }: { layout: SeasonsLayout; panel: "score" | "members"; name: string }) {
  const { rows, top, bottom } = layout[panel];
  const over = layout.marks.some(({ beyond }) => beyond.some(({ y }) => y === top || y === bottom));
  return (
    <>
      <Rows rows={rows} left={layout.left} right={layout.right} />
      <text className={marks.strong} x={layout.left} y={top - 9}>
        {name}
        {over && <tspan className={styles.rule}> (triangle: beyond the scale)</tspan>}
      </text>
    </>
  );
}

function TimeAxis({ layout }: { layout: SeasonsLayout }) {
  const base = layout.members.bottom;
  return (
    <>
      {layout.marks.map(
        (mark) =>
          mark.label && (
            <text key={mark.x} x={mark.x} y={base + 16} textAnchor="middle">
              {mark.label}
            </text>
          ),
      )}
      {layout.years.map((year) => (
        <g key={year.start}>
          {year.label && (
            <>
              <line
                className={marks.axis}
                x1={year.start}
                x2={year.start}
                y1={base}
                y2={base + (year.crossed ? 20 : 36)}
              />
              <text className={marks.soft} x={year.x} y={base + 34} textAnchor="middle">
                {year.label}
              </text>
            </>
          )}
        </g>
      ))}
    </>
  );
}
