import marks from "./marks.module.css";

interface GapTextProps {
  /** Where a line has gaps; `words` is the height of those that are named. */
  gaps: readonly { x: number; width: number; words: number | null; lying?: boolean }[];
  text: string;
}

/** Why a line has a gap, upright where it is narrow, so that no line crosses the words. */
export function GapText({ gaps, text }: GapTextProps) {
  return gaps.map(
    ({ x, width, words, lying }) =>
      words !== null && (
        <text
          key={x}
          className={`${marks.halo} ${marks.soft}`}
          textAnchor="middle"
          transform={`translate(${x + width / 2} ${words}) rotate(${lying ? 0 : -90})`}
          dy="4"
        >
          {text}
        </text>
      ),
  );
}
