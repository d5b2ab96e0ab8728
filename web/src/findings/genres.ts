// What most titles share, and what is scored highest.
import type { Kind } from "../api/queries.ts";
import type { GenreDistribution, GenreShare } from "../api/types.gen.ts";
import { integer, percent, score } from "../lib/format.ts";

/** The mean of fewer scores says little; such a row never wins. */
const ENOUGH_SCORED = 10;

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
  const most = mostFinding(first, data.titles, kind);
  const best = bestScored(data.genres);
  if (!best) return most;
  if (best === first) return `${most}, which has the highest mean score too, ${score(best.mean_score)}`;
  return `${most}; ${best.name} has the highest mean score, ${score(best.mean_score)}`;
}

function mostFinding({ name, share, titles }: GenreShare, all: number, kind: Kind): string {
  if (kind === "studio")
    return `${name} made ${integer(titles)} of ${integer(all)} titles, more than any other`;
  if (kind === "theme") return `${percent(share)} of the titles share the theme ${name}`;
  return `${percent(share)} of the titles are ${name}`;
}

/** The row with the highest mean of enough scores; none where two share it. */
export function bestScored(rows: readonly GenreShare[]): GenreShare | null {
  const enough = rows.filter((row) => row.scored >= ENOUGH_SCORED && row.mean_score !== null);
  if (enough.length < 2) return null;
  const high = Math.max(...enough.map((row) => row.mean_score ?? 0));
  const all = enough.filter((row) => row.mean_score === high);
  return all.length === 1 ? (all[0] ?? null) : null;
}
