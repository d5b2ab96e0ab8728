// What is said of a title that moved alike.
import type { SimilarTitle } from "../../api/types.gen.ts";
import { score } from "../../lib/format.ts";
import { seasonName } from "../../lib/seasons.ts";

/** "Autumn 2026, alike 0.95". */
export function placeOf({ season, year, likeness }: SimilarTitle): string {
  const when = season && year !== null ? seasonName({ season, year }) : null;
  return [when, `alike ${likeness.toFixed(2)}`].filter(Boolean).join(", ");
}

/** "Score from 8.01 to 8.44 in 8 weeks". */
export function endsOf({ weeks }: SimilarTitle): string {
  const known = weeks.filter((week) => week !== null);
  return `Score from ${score(known[0] ?? null)} to ${score(known.at(-1) ?? null)} in ${weeks.length} weeks`;
}
