import { memo, type Ref, useCallback, useMemo } from "react";
import type { HistoryDay } from "../../api/types.gen.ts";
import { shortDay } from "../../lib/dates.ts";
import { score, scoreOrWhy } from "../../lib/format.ts";
import { cut, type Name } from "../../lib/titles.ts";
import { Readout, Value } from "../../ui/Readout.tsx";
import { DayAxis } from "../kit/DayAxis.tsx";
import { GapBands } from "../kit/GapBands.tsx";
import { GapText } from "../kit/GapText.tsx";
import marks from "../kit/marks.module.css";
import { Rows } from "../kit/Rows.tsx";
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
    return width === null ? null : leadLayout({ days, follower: behind, mark, short }, width);
  }, [days, follower, width, mark, short]);
  const newest = days.findLastIndex((day) => day.score !== null);
  const readout = useReadout(days.length, Math.max(0, newest));
  const { move } = readout;
  usePointer(
    ref,
    useCallback((x: number) => layout && move(layout.scale.at(x)), [layout, move]),
  );
  const day = days[readout.index];
  if (!day) return null;
  const value = scoreOrWhy(day);
  const second = follower?.days[readout.index]?.score ?? null;
  const name = shortDay(day.day, days.at(-1)?.day);
  const text = `${name}: ${value}`;
  return (
    <div>
      <Readout
        label="Days"
        cells={1}
        count={days.length}
        index={readout.index}
        onMove={move}
        text={follower && second !== null ? `${text}; ${follower.name.text} ${score(second)}` : text}
        name={name}
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
          <svg ref={svg} width={layout.width} height={layout.height} role="img" aria-label={summary}>
            <Still layout={layout} lang={follower?.name.lang} />
            {readout.moved && <Crosshair layout={layout} index={readout.index} />}
          </svg>
        )}
      </div>
    </div>
  );
}

interface DrawingProps {
  layout: LeadLayout;
  /** Of the name of the title behind. */
  lang: Name["lang"];
}

/** All that does not move with the crosshair. */
const Still = memo(function Drawing({ layout, lang }: DrawingProps) {
  const { plot } = layout;
  return (
    <>
      <GapBands gaps={layout.gaps} top={plot.top} bottom={plot.bottom} />
      <Rows rows={layout.rows} left={plot.left} right={plot.right} strong={layout.mark?.y} />
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
      <Follower layout={layout} lang={lang} />
      <path className={styles.line} d={layout.line.path} />
      {layout.line.isolated.map((point) => (
        <circle key={point.x} className={styles.dot} cx={point.x} cy={point.y} r="3" />
      ))}
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
      <DayAxis captures={layout.captures} ticks={layout.scale.ticks} y={layout.capturesY} />
    </>
  );
});

/** The day being read; no file has it. */
function Crosshair({ layout, index }: { layout: LeadLayout; index: number }) {
  const { plot, scale, points, follower } = layout;
  const x = scale.x(index);
  const [chosen, behind] = [points[index], follower?.points[index]];
  return (
    <g data-readout="">
      <line className={marks.crosshair} x1={x} x2={x} y1={plot.top} y2={plot.bottom} />
      {behind && <circle className={styles.behindRing} cx={behind.x} cy={behind.y} r="4" />}
      {chosen && <circle className={styles.ring} cx={chosen.x} cy={chosen.y} r="5" />}
    </g>
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
