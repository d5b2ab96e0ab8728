// What most titles share, and what is scored highest.
import type { Kind } from "../api/queries.ts";
import type { GenreDistribution, GenreShare } from "../api/types.gen.ts";
import { integer, percent, score } from "../lib/format.ts";

/** The mean of fewer scores says little; such a row never wins. */
export const ENOUGH_SCORED = 10;

export const KIND_NAMES: Record<Kind, { one: string; many: string }> = {
  genre: { one: "genre", many: "genres" },
  theme: { one: "theme", many: "themes" },
  demographic: { one: "demographic", many: "demographics" },
  studio: { one: "studio", many: "studios" },
};

/** The finding about the spread of titles. */
export function genresFinding(data: GenreDistribution, kind: Kind): string {
  const first = data.genres[0];
  if (!first) return `Titles by ${KIND_NAMES[kind].one}`;
  const most =
    kind === "studio"
      ? `${first.name} made ${integer(first.titles)} of ${integer(data.titles)} titles, more than any other`
      : `${first.name} stands on ${percent(first.share)} of the titles`;
  const best = bestScored(data.genres);
  if (!best) return most;
  if (best === first) return `${most} and has the highest mean score, ${score(best.mean_score)}`;
  return `${most}; ${best.name} has the highest mean score, ${score(best.mean_score)}`;
}

/** The row with the highest mean of enough scores; none where two share it. */
export function bestScored(rows: readonly GenreShare[]): GenreShare | null {
  const enough = rows.filter((row) => row.scored >= ENOUGH_SCORED && row.mean_score !== null);
  if (enough.length < 2) return null;
  const high = Math.max(...enough.map((row) => row.mean_score ?? 0));
  const all = enough.filter((row) => row.mean_score === high);
  return all.length === 1 ? (all[0] ?? null) : null;
}
