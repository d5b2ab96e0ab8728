import type { Ref } from "react";
import type { SimilarTitle } from "../../api/types.gen.ts";
import marks from "../../charts/kit/marks.module.css";
import { PairMarks } from "../../charts/pair/PairLines.tsx";
import { cut, nameOf, type Script } from "../../lib/titles.ts";
import styles from "../../ui/Export.module.css";
import { endsOf, placeOf } from "./similarWords.ts";

const WIDTH = 640;
const ROW = 84;
const LINES = { x: 400, width: 240, height: 64 };
/** Room of a title, in Latin characters. */
const MAX_CHARACTERS = 52;

interface SimilarExportProps {
  titles: readonly SimilarTitle[];
  script: Script;
  svg: Ref<SVGSVGElement>;
}

/** The titles that moved alike as one drawing, for a file; the page lists them. */
export function SimilarExport({ titles, script, svg }: SimilarExportProps) {
  return (
    <svg ref={svg} className={styles.export} width={WIDTH} height={titles.length * ROW} aria-hidden="true">
      {titles.map((title, place) => (
        <g key={title.mal_id} transform={`translate(0 ${place * ROW})`}>
          <line className={marks.grid} x2={WIDTH} y1="0.5" y2="0.5" />
          <text className={marks.strong} y="30">
            {cut(nameOf(title, script).text, MAX_CHARACTERS)}
          </text>
          <text y="48">{placeOf(title)}</text>
          <text y="65">{endsOf(title)}</text>
          <g transform={`translate(${LINES.x} ${(ROW - LINES.height) / 2})`}>
            <PairMarks line={title.weeks} behind={title.own} width={LINES.width} height={LINES.height} />
          </g>
        </g>
      ))}
    </svg>
  );
}
