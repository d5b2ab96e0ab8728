// What most titles share, and what is scored highest.
import type { Kind } from "../api/queries.ts";
import type { GenreDistribution, GenreShare } from "../api/types.gen.ts";
import { integer, percent, score } from "../lib/format.ts";

/** The rows drawn; smaller ones stand in the table only. */
export const MOST_ROWS = 20;
/** The mean of fewer scores says little; such a row never wins. */
const ENOUGH_SCORED = 10;
/** A row with a smaller share is not compared, but for studios: they all are small, so the rows drawn are. */
const COMMON_SHARE = 0.1;

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
  const best = bestScored(data.genres, kind);
  if (!best) return most;
  const compared =
    kind === "studio"
      ? "the largest studios with ten scored titles or more"
      : `the common ${KIND_NAMES[kind].many}`;
  return `${most}; of ${compared}, ${best === first ? "it" : best.name} has the highest mean score, ${score(best.mean_score)}`;
}

function mostFinding({ name, share, titles }: GenreShare, all: number, kind: Kind): string {
  if (kind === "studio") return `${name} made the most titles, ${integer(titles)} of ${integer(all)}`;
  if (kind === "theme") return `${percent(share)} of the titles share the theme ${name}`;
  return `${percent(share)} of the titles are ${name}`;
}

/** The row with the highest mean among those drawn and large enough to compare; none where two share it. */
export function bestScored(rows: readonly GenreShare[], kind: Kind): GenreShare | null {
  const enough = rows
    .slice(0, MOST_ROWS)
    .filter(
      (row) =>
        row.scored >= ENOUGH_SCORED &&
        row.mean_score !== null &&
        (kind === "studio" || row.share >= COMMON_SHARE),
    );
  if (enough.length < 2) return null;
  const high = Math.max(...enough.map((row) => row.mean_score ?? 0));
  const all = enough.filter((row) => row.mean_score === high);
  return all.length === 1 ? (all[0] ?? null) : null;
}
