import { lazy, type Ref, Suspense } from "react";
import type { SeasonPoint } from "../../api/types.gen.ts";
import marks from "../../charts/kit/marks.module.css";
import { useReadout } from "../../charts/kit/useReadout.ts";
import type { SeasonsChoice } from "../../charts/seasons/layout.ts";
import chart from "../../charts/seasons/SeasonsChart.module.css";
import { seasonNote } from "../../findings/seasons.ts";
import { integer, plural, score } from "../../lib/format.ts";
import { isCompared, membersOf, scoreOf, seasonName } from "../../lib/seasons.ts";
import { Readout, Value } from "../../ui/Readout.tsx";

/** The last drawing of the page: it may come after what is seen first. */
const SeasonsChart = lazy(async () => ({
  default: (await import("../../charts/seasons/SeasonsChart.tsx")).SeasonsChart,
}));

interface SeasonsProps {
  points: readonly SeasonPoint[];
  choice: SeasonsChoice;
  /** The last capture: a season may not have been over by then. */
  at: string;
  svg: Ref<SVGSVGElement>;
}

/** Columns of the reading row. */
export const SEASON_CELLS = 6;

/** The reading row and the drawing. */
export function Seasons({ points, choice, at, svg }: SeasonsProps) {
  const newest = points.findLastIndex((point) => scoreOf(point, choice.score) !== null);
  const readout = useReadout(points.length, Math.max(0, newest));
  const point = points[readout.index];
  if (!point) return null;
  const observed = point.titles > 0;
  const note = seasonNote(point, at);
  return (
    <>
      <Readout
        label="Seasons"
        count={points.length}
        index={readout.index}
        onMove={readout.move}
        text={readingText(point, note)}
        name={seasonName(point)}
        note={note}
        cells={SEASON_CELLS}
      >
        {observed && (
          <>
            <Value name="titles">{integer(point.titles)}</Value>
            <Value name="scored titles">{integer(point.scored)}</Value>
            <Value name="mean score">{score(point.mean_score)}</Value>
            <Value name="median score">{score(point.median_score)}</Value>
            <Value name="members">{integer(point.members)}</Value>
            <Value name="median members">{integer(point.median_members)}</Value>
          </>
        )}
      </Readout>
      <Suspense fallback={<div className={`${marks.draw} ${chart.draw}`} aria-busy="true" />}>
        <SeasonsChart
          points={points}
          choice={choice}
          index={readout.index}
          moved={readout.moved}
          onPoint={readout.move}
          newest={newest}
          summary={summaryOf(points, choice)}
          svg={svg}
        />
      </Suspense>
    </>
  );
}

function readingText(point: SeasonPoint, note: string | null): string {
  if (point.titles === 0) return `${seasonName(point)}: ${note}`;
  const numbers = `${plural(point.titles, "title")}, mean score ${score(point.mean_score)}, median score ${score(point.median_score)} of ${plural(point.scored, "score")}, ${integer(point.members)} members, median members ${integer(point.median_members)}`;
  return `${seasonName(point)}: ${numbers}${note ? `; ${note}` : ""}`;
}

function summaryOf(points: readonly SeasonPoint[], choice: SeasonsChoice): string {
  const compared = points.filter(isCompared);
  const first = compared[0];
  const last = compared.at(-1);
  const missing = points.filter((point) => point.titles === 0).length;
  const unscored = points.filter((point) => scoreOf(point, choice.score) === null).length - missing;
  const told = (count: number, what: string) => (count > 0 ? ` ${plural(count, "season")} ${what}.` : "");
  const gap = `${told(points.length - compared.length - missing - unscored, "of too few scores to compare (hollow)")}${told(missing, "not observed")}${told(unscored, "without a score")}`;
  if (!first || !last) return `${plural(points.length, "season")}.${gap}`;
  const end = (point: SeasonPoint) =>
    `${score(scoreOf(point, choice.score))} in ${seasonName(point)}, with ${integer(membersOf(point, choice.members))} members`;
  return `Score and members over ${plural(points.length, "season")}: from ${end(first)}, to ${end(last)}.${gap}`;
}
