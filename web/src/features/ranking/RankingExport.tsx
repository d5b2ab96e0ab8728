import type { Ref } from "react";
import type { TopAnime } from "../../api/types.gen.ts";
import marks from "../../charts/kit/marks.module.css";
import { SparklineMarks } from "../../charts/sparkline/Sparkline.tsx";
import { FEW_VOTES, hasFewVotes, isNew } from "../../findings/ranking.ts";
import { integer, score } from "../../lib/format.ts";
import { cut, nameOf, type Script } from "../../lib/titles.ts";
import { DeltaMarks } from "../../ui/DeltaMarks.tsx";
import styles from "../../ui/Export.module.css";
import { recent, SPARK_DAYS } from "./recent.ts";

const WIDTH = 800;
const ROW = 44;
const HEAD = 44;
/** Where the names of the columns stand, over the first row's rule. */
const NAMES = 22;
/** The columns: where the title, the line and the change begin, and where the score ends. */
const AT = { move: 34, title: 84, score: 540, change: 556, line: 620, lineWidth: 96 };
/** Room of a title, in Latin characters. */
const MAX_CHARACTERS = 60;

interface RankingExportProps {
  top: TopAnime;
  script: Script;
  svg: Ref<SVGSVGElement>;
}

/** The ranking as one drawing, for a file; the page shows it as a table. */
export function RankingExport({ top: { titles, previous }, script, svg }: RankingExportProps) {
  const height = HEAD + titles.length * ROW - 12;
  return (
    <svg ref={svg} className={styles.export} width={WIDTH} height={height} aria-hidden="true">
      <g transform={`translate(0 ${NAMES})`}>
        <text x="0">#</text>
        {previous && <text x={AT.move}>Move</text>}
        <text x={AT.title}>Title</text>
        <text x={AT.score} textAnchor="end">
          Score
        </text>
        {previous && <text x={AT.change}>Change</text>}
        <text x={AT.line}>{SPARK_DAYS} days</text>
        <text x={WIDTH} textAnchor="end">
          Votes
        </text>
      </g>
      {titles.map((title, place) => {
        const { text } = nameOf(title, script);
        return (
          <g
            key={title.mal_id}
            data-few={hasFewVotes(title) ? "" : undefined}
            transform={`translate(0 ${HEAD + place * ROW})`}
          >
            <line className={marks.grid} x2={WIDTH} y1="-8" y2="-8" />
            <text className={marks.strong} x="0" y="18">
              {title.place}
            </text>
            {previous && (
              <DeltaMarks
                x={AT.move}
                y={18}
                value={title.move}
                write={String}
                none={isNew(title, previous) ? "new" : "–"}
              />
            )}
            <text className={marks.strong} x={AT.title} y="18">
              {cut(text, MAX_CHARACTERS)}
              {hasFewVotes(title) && <tspan className={styles.few}> {FEW_VOTES}</tspan>}
            </text>
            <text className={marks.strong} x={AT.score} y="18" textAnchor="end">
              {score(title.score)}
            </text>
            {previous && <DeltaMarks x={AT.change} y={18} value={title.score_change} write={score} />}
            <g transform={`translate(${AT.line} 0)`}>
              <SparklineMarks
                values={recent(title).map((day) => day.score)}
                width={AT.lineWidth}
                height={28}
              />
            </g>
            <text className={marks.soft} x={WIDTH} y="18" textAnchor="end">
              {integer(title.scored_by)}
            </text>
          </g>
        );
      })}
    </svg>
  );
}
