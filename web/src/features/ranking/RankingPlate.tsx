import type { Ref } from "react";
import type { TopAnime } from "../../api/types.gen.ts";
import marks from "../../charts/core/marks.module.css";
import { SparklineMarks } from "../../charts/sparkline/Sparkline.tsx";
import { isNew } from "../../findings/ranking.ts";
import { integer, score, signed } from "../../lib/format.ts";
import { cut, nameOf, type Script } from "../../lib/titles.ts";
import { trianglePath } from "../../ui/Delta.tsx";
import styles from "./RankingPlate.module.css";
import { recent, SPARK_DAYS } from "./recent.ts";

const WIDTH = 800;
const ROW = 44;
const HEAD = 28;
const LETTERS = 58;

interface RankingPlateProps {
  top: TopAnime;
  script: Script;
  svg: Ref<SVGSVGElement>;
}

/** The ranking as one drawing, for a file; the page shows it as a table. */
export function RankingPlate({ top: { titles, previous }, script, svg }: RankingPlateProps) {
  const height = HEAD + titles.length * ROW;
  return (
    <svg ref={svg} className={styles.plate} width={WIDTH} height={height} aria-hidden="true">
      <text x="0">#</text>
      {previous && <text x="34">Move</text>}
      <text x="80">Title</text>
      <text x="560" textAnchor="end">
        Score
      </text>
      <text x="584">{SPARK_DAYS} days</text>
      <text x={WIDTH} textAnchor="end">
        Votes
      </text>
      {titles.map((title, place) => {
        const { text } = nameOf(title, script);
        return (
          <g key={title.mal_id} transform={`translate(0 ${HEAD + place * ROW})`}>
            <line className={marks.grid} x2={WIDTH} y1="-8" y2="-8" />
            <text className={marks.strong} x="0" y="18">
              {title.place}
            </text>
            {previous && <Move move={title.move} fresh={isNew(title, previous)} />}
            <text className={marks.strong} x="80" y="18">
              {cut(text, LETTERS)}
            </text>
            <text className={marks.strong} x="560" y="18" textAnchor="end">
              {score(title.score)}
            </text>
            <g transform="translate(584 0)">
              <SparklineMarks values={recent(title).map((day) => day.score)} width={110} height={28} />
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

function Move({ move, fresh }: { move: number | null; fresh: boolean }) {
  if (move === null || move === 0) {
    return (
      <text x="34" y="18">
        {move === 0 ? "=" : fresh ? "new" : "–"}
      </text>
    );
  }
  return (
    <g className={move > 0 ? styles.up : styles.down}>
      <path transform="translate(34 10)" d={trianglePath(move > 0)} />
      <text x="46" y="18">
        {signed(move, String)}
      </text>
    </g>
  );
}
