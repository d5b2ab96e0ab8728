import { WORDS } from "../../lib/measures.ts";
import { DayAxis } from "../kit/DayAxis.tsx";
import { GapBands } from "../kit/GapBands.tsx";
import { GapText } from "../kit/GapText.tsx";
import marks from "../kit/marks.module.css";
import { Rows } from "../kit/Rows.tsx";
import type { Panel, TitleLayout, TitleLine } from "./layout.ts";
import styles from "./TitleChart.module.css";

interface DrawingProps {
  layout: TitleLayout;
  line: TitleLine;
}

/** The two panels, what happened between them, and the days below. */
export function Drawing({ layout, line: { measure } }: DrawingProps) {
  const { left, right, upper, lower, gaps, narrow } = layout;
  return (
    <>
      <GapBands gaps={gaps} top={upper.top} bottom={lower.bottom} />
      <Rows rows={upper.rows} left={left} right={right} />
      <Rows rows={lower.rows} left={left} right={right} base={lower.bottom} />
      <GapText gaps={gaps} text="not observed" />
      <Episodes layout={layout} />
      <PanelName x={left + 6} y={upper.top + 13} name={WORDS[measure].name} />
      <PanelName x={left + 6} y={lower.top + 22} name={WORDS.members.name} />
      {upper.rows.length === 0 && (
        <text
          className={marks.soft}
          x={(left + right) / 2}
          y={(upper.top + upper.bottom) / 2}
          textAnchor="middle"
        >
          no {WORDS[measure].name.toLowerCase()} in these days
        </text>
      )}
      <g data-measure={measure}>
        <path className={styles.weak} d={upper.dotted} />
        {upper.hollow.map((point) => (
          <circle key={point.x} className={styles.hollow} cx={point.x} cy={point.y} r="2.5" />
        ))}
        {upper.few && (
          <text className={marks.halo} x={upper.few.x} y={upper.few.y} textAnchor={upper.few.anchor}>
            {narrow ? "few votes" : "fewer than 1,000 votes"}
          </text>
        )}
        <path className={styles.line} d={upper.solid} />
        {upper.isolated.map((point) => (
          <circle key={point.x} className={styles.dot} cx={point.x} cy={point.y} r="3" />
        ))}
        <End end={upper.end} x={right} strong />
      </g>
      <g data-measure="members">
        <path className={styles.area} d={lower.area} />
        <path className={`${styles.line} ${styles.thin}`} d={lower.path} />
        {lower.isolated.map((point) => (
          <circle key={point.x} className={styles.dot} cx={point.x} cy={point.y} r="2.5" />
        ))}
        <End end={lower.end} x={right} />
      </g>
      <Remark layout={layout} />
      <DayAxis captures={layout.captures} ticks={layout.scale.ticks} y={layout.capturesY} />
      {!narrow && (
        <text x={right + 12} y={layout.capturesY + 4}>
          captures
        </text>
      )}
    </>
  );
}

function PanelName({ x, y, name }: { x: number; y: number; name: string }) {
  return (
    <text className={`${marks.halo} ${marks.strong} ${styles.name}`} x={x} y={y}>
      {name}
    </text>
  );
}

/** One ribbon between the panels, and a thin line through both for each. */
function Episodes({ layout }: Pick<DrawingProps, "layout">) {
  const { episodes, ribbon, upper, lower, narrow, left } = layout;
  const [first] = episodes;
  return (
    <>
      {episodes.map(({ x, number, first: isFirst }) => (
        <line
          key={number}
          className={isFirst ? styles.premiere : styles.episode}
          x1={x}
          x2={x}
          y1={upper.top}
          y2={lower.bottom}
        />
      ))}
      {episodes
        .filter(({ named }) => named)
        .map(({ x, number, first: isFirst }) => (
          <g key={number} className={isFirst ? styles.filled : styles.square}>
            <rect x={x - 9} y={ribbon - 9} width="18" height="18" rx="2" />
            <text x={x} y={ribbon + 4} textAnchor="middle">
              {number}
            </text>
          </g>
        ))}
      {first?.first && first.x - 16 > left + (narrow ? 46 : 96) ? (
        <text className={marks.halo} x={first.x - 16} y={ribbon + 4} textAnchor="end">
          {narrow ? "Episode" : "Premiere, episode"}
        </text>
      ) : (
        first && (
          <text x={left - 8} y={ribbon + 4} textAnchor="end">
            Ep.
          </text>
        )
      )}
    </>
  );
}

/** The last value stands where the line ends, with its day. */
function End({ end, x, strong = false }: { end: Panel["end"]; x: number; strong?: boolean }) {
  if (!end) return null;
  const size = strong ? styles.largest : styles.large;
  return (
    <>
      <circle className={styles.dot} cx={end.x} cy={end.y} r="4" />
      <text className={`${marks.strong} ${size}`} x={x + 12} y={end.textY + 6}>
        {end.value}
      </text>
      <text x={x + 12} y={end.textY + 22}>
        {end.day}
      </text>
    </>
  );
}

function Remark({ layout: { remark } }: Pick<DrawingProps, "layout">) {
  if (!remark) return null;
  const { x, y, anchor, lines, hook } = remark;
  return (
    <>
      <path className={styles.hook} d={hook} />
      <text className={`${marks.halo} ${marks.strong}`} x={x} y={y} textAnchor={anchor}>
        {lines[0]}
      </text>
      <text className={`${marks.halo} ${marks.soft}`} x={x} y={y + 16} textAnchor={anchor}>
        {lines[1]}
      </text>
    </>
  );
}
