import { type CSSProperties, memo, type ReactNode, type Ref, useCallback, useMemo, useState } from "react";
import { Readout } from "../../ui/Readout.tsx";
import marks from "../kit/marks.module.css";
import { usePointer } from "../kit/usePointer.ts";
import { useWidth } from "../kit/useSize.ts";
import { Drawing } from "./Drawing.tsx";
import { type TitleLayout, type TitleLine, titleLayout } from "./layout.ts";
import styles from "./TitleChart.module.css";

/** One day in words. */
export interface DayWords {
  name: string;
  /** Beside the name: how long after which episode. */
  note: string | null;
  /** All of it as a sentence. */
  text: string;
  values: ReactNode;
}

interface TitleChartProps {
  line: TitleLine;
  /** What the drawing shows, in a sentence. */
  summary: string;
  svg: Ref<SVGSVGElement>;
  read: (index: number) => DayWords;
  /** The day whose origin is shown. */
  chosen: string | null;
  onChoose: (day: string) => void;
  /** What is told of the chosen day, under the drawing. */
  children?: ReactNode;
}

/** A measure of a title over its members, day by day, with a crosshair that pointer and keys move. */
export function TitleChart(props: TitleChartProps) {
  const { line, summary, svg, read, chosen, onChoose, children } = props;
  const [ref, width] = useWidth<HTMLDivElement>();
  const layout = useMemo(() => (width === null ? null : titleLayout(line, width)), [line, width]);
  // A day and no index: another range begins with another day.
  const [day, setDay] = useState<string | null>(null);
  const { days } = line;
  const index = indexOf(days, day) ?? indexOf(days, chosen) ?? newestOf(days);
  const move = useCallback((to: number) => setDay(days[to]?.day ?? null), [days]);
  const back = useCallback(() => {
    if (chosen) setDay(null);
  }, [chosen]);
  usePointer(
    ref,
    useCallback((x: number) => layout && move(layout.scale.at(x)), [layout, move]),
    back,
  );
  const shown = days[index]?.day;
  const pick = () => shown && onChoose(shown);
  const chosenAt = indexOf(days, chosen);
  const words = read(index);
  const isMoved = day !== null || chosen !== null;
  return (
    <div>
      <Readout
        label="Days"
        cells={4}
        count={days.length}
        index={index}
        onMove={move}
        onPick={() => void pick()}
        text={words.text}
        name={words.name}
        note={words.note}
      >
        {words.values}
      </Readout>
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: the slider above takes the keys. */}
      {/* biome-ignore lint/a11y/noStaticElementInteractions: a press is a short way to what Enter does. */}
      <div ref={ref} className={`${marks.draw} ${styles.draw}`} onClick={pick}>
        {layout && (
          <svg ref={svg} width={layout.width} height={layout.height} role="img" aria-label={summary}>
            <Still layout={layout} line={line} />
            {isMoved && <Crosshair layout={layout} index={index} measure={line.measure} />}
          </svg>
        )}
      </div>
      <p className={styles.pick}>
        <button type="button" aria-expanded={shown === chosen} onClick={pick}>
          Where do the numbers of {words.name} come from?
        </button>
      </p>
      <div style={placeOf(layout, chosenAt)}>{children}</div>
    </div>
  );
}

/** Under which part of the drawing the chosen day stands. */
function placeOf(layout: TitleLayout | null, index: number | null): CSSProperties | undefined {
  if (!layout || index === null) return undefined;
  return { "--at": `${(100 * layout.scale.x(index)) / layout.width}%` } as CSSProperties;
}

/** All that does not move with the crosshair: thousands of points are drawn once. */
const Still = memo(Drawing);

interface CrosshairProps {
  layout: TitleLayout;
  index: number;
  measure: TitleLine["measure"];
}

/** The day being read; no file has it. */
function Crosshair({ layout, index, measure }: CrosshairProps) {
  const { upper, lower, scale, capturesY } = layout;
  const x = scale.x(index);
  const [value, members] = [upper.points[index], lower.points[index]];
  return (
    <g data-readout="">
      <line className={marks.crosshair} x1={x} x2={x} y1={upper.top} y2={capturesY + 6} />
      {value && <circle className={styles.ring} data-measure={measure} cx={value.x} cy={value.y} r="5" />}
      {members && (
        <circle className={styles.ring} data-measure="members" cx={members.x} cy={members.y} r="5" />
      )}
    </g>
  );
}

function indexOf(days: TitleLine["days"], day: string | null): number | null {
  const index = day === null ? -1 : days.findIndex((one) => one.day === day);
  return index < 0 ? null : index;
}

function newestOf(days: TitleLine["days"]): number {
  return Math.max(
    0,
    days.findLastIndex((one) => one.observed),
  );
}
