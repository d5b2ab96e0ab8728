import type { Ref } from "react";
import type { SeasonPoint } from "../../api/types.gen.ts";
import { useReadout } from "../../charts/core/useReadout.ts";
import { membersOf, type SeasonsChoice } from "../../charts/seasons/layout.ts";
import { SeasonsChart } from "../../charts/seasons/SeasonsChart.tsx";
import { scoreOf, seasonName, seasonNote } from "../../findings/seasons.ts";
import { integer, plural, score } from "../../lib/format.ts";
import { Readout, Value } from "../../ui/Readout.tsx";

interface SeasonsProps {
  points: readonly SeasonPoint[];
  choice: SeasonsChoice;
  svg: Ref<SVGSVGElement>;
}

/** Columns of the reading row. */
export const SEASON_CELLS = 5;

/** The reading row and the drawing. */
export function Seasons({ points, choice, svg }: SeasonsProps) {
  const newest = points.findLastIndex((point) => scoreOf(point, choice.score) !== null);
  const readout = useReadout(points.length, Math.max(0, newest));
  const point = points[readout.index];
  const last = points[newest];
  if (!point) return null;
  const observed = point.titles > 0;
  return (
    <>
      <Readout
        label="Seasons"
        count={points.length}
        index={readout.index}
        onMove={readout.move}
        text={readingText(point)}
        name={seasonName(point)}
        note={seasonNote(point)}
        cells={SEASON_CELLS}
      >
        {observed && (
          <>
            <Value name="titles">{integer(point.titles)}</Value>
            <Value name="mean score">{score(point.mean_score)}</Value>
            <Value name="median score">{score(point.median_score)}</Value>
            <Value name="members">{integer(point.members)}</Value>
            <Value name="median members">{integer(point.median_members)}</Value>
          </>
        )}
      </Readout>
      <SeasonsChart
        points={points}
        choice={choice}
        index={readout.index}
        moved={readout.moved}
        onPoint={readout.move}
        names={{
          score: choice.score === "mean" ? "Mean score" : "Median score",
          members: choice.members === "sum" ? "Members of all titles" : "Members of the median title",
        }}
        end={last ? { index: newest, text: score(scoreOf(last, choice.score)) } : null}
        summary={summaryOf(points, choice)}
        svg={svg}
      />
    </>
  );
}

function readingText(point: SeasonPoint): string {
  const note = seasonNote(point);
  if (point.titles === 0) return `${seasonName(point)}: ${note}`;
  const numbers = `${plural(point.titles, "title")}, mean score ${score(point.mean_score)}, median score ${score(point.median_score)}, ${integer(point.members)} members, median members ${integer(point.median_members)}`;
  return `${seasonName(point)}: ${numbers}${note ? `; ${note}` : ""}`;
}

function summaryOf(points: readonly SeasonPoint[], choice: SeasonsChoice): string {
  const known = points.filter((point) => scoreOf(point, choice.score) !== null);
  const first = known[0];
  const last = known.at(-1);
  const missing = points.filter((point) => point.titles === 0).length;
  const unscored = points.length - known.length - missing;
  const without = unscored > 0 ? ` ${plural(unscored, "season")} without a score.` : "";
  const gap = `${missing > 0 ? ` ${plural(missing, "season")} not observed.` : ""}${without}`;
  if (!first || !last) return `${plural(points.length, "season")}.${gap}`;
  const end = (point: SeasonPoint) =>
    `${score(scoreOf(point, choice.score))} in ${seasonName(point)}, with ${integer(membersOf(point, choice.members))} members`;
  return `Score and members over ${plural(points.length, "season")}: from ${end(first)}, to ${end(last)}.${gap}`;
}
