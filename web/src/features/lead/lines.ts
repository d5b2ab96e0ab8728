// Which lines the lead draws, and over which days.
import type { Catalogue, HistoryDay, TopAnime, TopTitle } from "../../api/types.gen.ts";
import { withMissed } from "../../findings/days.ts";

export interface Line {
  title: TopTitle;
  days: readonly HistoryDay[];
}

/** So few days are drawn at least: a gap is seen as one. */
const MIN_DAYS = 14;
/** Two lines further apart lie flat on a common scale. */
const NEAR = 0.5;

/** The ranking with every line up to that day: what was missed since is part of what is told. */
export function upTo(top: TopAnime, day: string | null): TopAnime {
  return { ...top, titles: top.titles.map((title) => ({ ...title, spark: withMissed(title.spark, day) })) };
}

/** The leader's line from its first score, or a little earlier, and the second title's where it is near. */
export function leadLines([leader, second]: readonly TopTitle[]): Line[] {
  if (!leader) return [];
  const first = leader.spark.findIndex((day) => day.score !== null);
  const from = Math.max(0, Math.min(first, leader.spark.length - MIN_DAYS));
  const drawn = second && isNear(second, leader) ? [leader, second] : [leader];
  return drawn.map((title) => ({ title, days: title.spark.slice(from) }));
}

function isNear(second: TopTitle, leader: TopTitle): boolean {
  return second.score !== null && leader.score !== null && leader.score - second.score <= NEAR;
}

/** The lines as rows of a file: a row for each title and day. */
export function lineRows(lines: readonly Line[], catalogue: Catalogue): (string | number | null)[][] {
  return [
    ["catalogue", "day", "mal_id", "title", "score", "observed"],
    ...lines.flatMap(({ title, days }) =>
      days.map(({ day, score, observed }) => [
        catalogue,
        day,
        title.mal_id,
        title.title,
        score,
        String(observed),
      ]),
    ),
  ];
}
