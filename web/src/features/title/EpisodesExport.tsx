import type { Ref } from "react";
import marks from "../../charts/kit/marks.module.css";
import type { Change, EpisodeRow } from "../../findings/episodes.ts";
import { integer, score, signed } from "../../lib/format.ts";
import { DeltaMarks } from "../../ui/DeltaMarks.tsx";
import styles from "../../ui/Export.module.css";
import { type Extent, extentsOf, shortWeekday } from "./episodeBars.ts";

const WIDTH = 720;
const ROW = 26;
const HEAD = 30;
/** Where the columns begin, and how wide the bars are. */
const AT = { aired: 64, score: 190, members: 460 };
const BAR = { x: 76, width: 170, height: 10 };

interface EpisodesExportProps {
  rows: readonly EpisodeRow[];
  svg: Ref<SVGSVGElement>;
}

/** What each episode did as one drawing, for a file; the page shows it as a table. */
export function EpisodesExport({ rows, svg }: EpisodesExportProps) {
  const extents = extentsOf(rows);
  return (
    <svg
      ref={svg}
      className={styles.export}
      width={WIDTH}
      height={HEAD + rows.length * ROW}
      aria-hidden="true"
    >
      <text y="14">Episode</text>
      <text x={AT.aired} y="14">
        Aired, estimated
      </text>
      <text x={AT.score} y="14">
        Score
      </text>
      <text x={AT.members} y="14">
        Members
      </text>
      {rows.toReversed().map(({ number, day, score: change, members }, place) => (
        <g key={number} transform={`translate(0 ${HEAD + place * ROW})`}>
          <line className={marks.grid} x2={WIDTH} y1="-7.5" y2="-7.5" />
          <text className={marks.strong} y="10">
            {number}
          </text>
          <text className={marks.soft} x={AT.aired} y="10">
            {shortWeekday(day)}
          </text>
          {typeof change === "number" ? (
            <DeltaMarks x={AT.score} y={10} value={change} write={score} />
          ) : (
            <text x={AT.score} y="10">
              {change}
            </text>
          )}
          <Bar
            x={AT.score + BAR.x}
            value={change}
            extent={extents.score}
            kind={isRise(change) ? "up" : "down"}
          />
          <text className={marks.soft} x={AT.members} y="10">
            {typeof members === "number" ? signed(members, integer) : members}
          </text>
          <Bar x={AT.members + BAR.x} value={members} extent={extents.members} kind="members" />
        </g>
      ))}
    </svg>
  );
}

interface BarProps {
  x: number;
  value: Change;
  extent: Extent;
  kind: "up" | "down" | "members";
}

function Bar({ x, value, extent: [low, high], kind }: BarProps) {
  if (typeof value !== "number") return null;
  const width = (of: number) => (BAR.width * of) / (high - low || 1);
  const zero = x + width(-low);
  return (
    <>
      <rect
        className={styles[kind]}
        x={value < 0 ? zero - width(-value) : zero}
        y="1"
        width={width(Math.abs(value))}
        height={BAR.height}
      />
      <line className={marks.axis} x1={zero} x2={zero} y1="-1" y2="13" />
    </>
  );
}

function isRise(change: Change): boolean {
  return typeof change === "number" && change > 0;
}
