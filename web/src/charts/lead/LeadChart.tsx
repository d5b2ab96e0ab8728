import { type Ref, useCallback, useId, useMemo } from "react";
import type { HistoryDay } from "../../api/types.gen.ts";
import { shortDay } from "../../lib/dates.ts";
import { score, scoreOrWhy } from "../../lib/format.ts";
import { cut, type Name } from "../../lib/titles.ts";
import { Readout, Value } from "../../ui/Readout.tsx";
import { GapText } from "../kit/GapText.tsx";
import { Hatch } from "../kit/Hatch.tsx";
import marks from "../kit/marks.module.css";
import { usePointer } from "../kit/usePointer.ts";
import { useReadout } from "../kit/useReadout.ts";
import { useWidth } from "../kit/useSize.ts";
import styles from "./LeadChart.module.css";
import { type LeadLayout, leadLayout, SCORE_BASE } from "./layout.ts";

interface LeadChartProps {
  days: readonly HistoryDay[];
  mark: number | null;
  /** The title behind, where its score is near. */
  follower: { name: Name; days: readonly HistoryDay[] } | null;
  /** Days of which a capture is incomplete: their ticks are short, as in the strip of days. */
  short: ReadonlySet<string>;
  /** What the drawing shows, in a sentence. */
  summary: string;
  svg: Ref<SVGSVGElement>;
}

/** Characters of the name in the reading row. */
const MAX_NAME = 18;
/** Between the end of the days and what is written beside it. */
const BESIDE = 8;

/** The leading title's score, day by day, over that of the title behind. */
export function LeadChart({ days, mark, follower, short, summary, svg }: LeadChartProps) {
  const [ref, width] = useWidth<HTMLDivElement>();
  const layout = useMemo(() => {
    const behind = follower && { name: follower.name.text, days: follower.days };
    return width === null ? null : leadLayout({ days, follower: behind, mark }, width);
  }, [days, follower, width, mark]);
  const newest = days.findLastIndex((day) => day.score !== null);
  const readout = useReadout(days.length, Math.max(0, newest));
  const { move } = readout;
  usePointer(
    ref,
    useCallback((x: number) => layout && move(layout.at(x)), [layout, move]),
  );
  const day = days[readout.index];
  if (!day) return null;
  const value = scoreOrWhy(day);
  const second = follower?.days[readout.index]?.score ?? null;
  const text = `${shortDay(day.day)}: ${value}`;
  return (
    <div>
      <Readout
        label="Days"
        cells={1}
        count={days.length}
        index={readout.index}
        onMove={move}
        text={follower && second !== null ? `${text}; ${follower.name.text} ${score(second)}` : text}
        name={shortDay(day.day)}
      >
        {day.score === null ? <span>{value}</span> : <Value name="score">{value}</Value>}
        {follower && second !== null && (
          <Value name={<span lang={follower.name.lang}>{cut(follower.name.text, MAX_NAME)}</span>}>
            {score(second)}
          </Value>
        )}
      </Readout>
      <div ref={ref} className={`${marks.draw} ${styles.draw}`}>
        {layout && (
          <Drawing
            layout={layout}
            index={readout.moved ? readout.index : null}
            lang={follower?.name.lang}
            short={short}
            summary={summary}
            svg={svg}
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
  /** Of the name of the title behind. */
  lang: Name["lang"];
  short: ReadonlySet<string>;
  summary: string;
  svg: Ref<SVGSVGElement>;
}

function Drawing({ layout, index, lang, short, summary, svg }: DrawingProps) {
  const hatch = useId();
  const { plot } = layout;
  const chosen = index === null ? null : layout.points[index];
  const behind = index === null ? null : layout.follower?.points[index];
  const crosshair = index === null ? null : layout.days[index];
  return (
    <svg ref={svg} width={layout.width} height={layout.height} role="img" aria-label={summary}>
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
      <GapText gaps={layout.gaps} text="not observed" />
      <GapText gaps={layout.unscored} text="no score" />
      {layout.mark && (
        <line
          className={marks.crosshair}
          x1={plot.left}
          x2={plot.right}
          y1={layout.mark.y}
          y2={layout.mark.y}
        />
      )}
      {crosshair && (
        <line
          data-readout=""
          className={marks.crosshair}
          x1={crosshair.x}
          x2={crosshair.x}
          y1={plot.top}
          y2={plot.bottom}
        />
      )}
      <Follower layout={layout} lang={lang} />
      <path className={styles.line} d={layout.line.path} />
      {layout.line.isolated.map((point) => (
        <circle key={point.x} className={styles.dot} cx={point.x} cy={point.y} r="3" />
      ))}
      {behind && <circle data-readout="" className={styles.behindRing} cx={behind.x} cy={behind.y} r="4" />}
      {chosen && <circle data-readout="" className={styles.ring} cx={chosen.x} cy={chosen.y} r="5" />}
      {layout.last && (
        <>
          <circle className={styles.dot} cx={layout.last.x} cy={layout.last.y} r="4.5" />
          {layout.last.since && <Thread end={layout.last} to={plot.right + BESIDE} />}
          <text
            className={`${marks.strong} ${styles.last}`}
            x={plot.right + BESIDE}
            y={layout.last.textY + 7}
          >
            {score(layout.last.score)}
          </text>
          {layout.last.since && (
            <text className={marks.soft} x={plot.right + BESIDE} y={layout.last.textY + 22}>
              {layout.last.since}
            </text>
          )}
        </>
      )}
      {layout.days.map((day) => (
        <g key={day.day}>
          {day.observed ? (
            <line
              className={marks.axis}
              x1={day.x}
              x2={day.x}
              y1={plot.bottom + 4}
              y2={plot.bottom + (short.has(day.day) ? 7 : 10)}
            />
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

/** From a line's end to its score, where that does not stand beside it. */
function Thread({ end, to }: { end: NonNullable<LeadLayout["last"]>; to: number }) {
  return <path className={styles.thread} d={`M${end.x + 7} ${end.y}L${to - 2} ${end.textY}`} />;
}

/** A thin line; its score and its name stand at its end. */
function Follower({ layout, lang }: { layout: LeadLayout; lang: Name["lang"] }) {
  const { follower, plot } = layout;
  if (!follower?.last) return null;
  const { line, last, name } = follower;
  const x = plot.right + BESIDE;
  return (
    <>
      <path className={styles.behind} d={line.path} />
      {line.isolated.map((point) => (
        <circle key={point.x} className={styles.behindDot} cx={point.x} cy={point.y} r="2" />
      ))}
      <circle className={styles.behindDot} cx={last.x} cy={last.y} r="3" />
      {(last.since || Math.abs(last.textY - last.y) > SCORE_BASE) && <Thread end={last} to={x} />}
      <text className={marks.strong} x={x} y={last.textY + SCORE_BASE}>
        {score(last.score)}
      </text>
      {name.map(({ text, y }) => (
        <text key={y} className={marks.soft} lang={lang} x={x} y={y}>
          {text}
        </text>
      ))}
    </>
  );
}
