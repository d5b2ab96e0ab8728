// What most titles share, and what is scored highest.
import type { Kind } from "../api/queries.ts";
import type { GenreDistribution, GenreShare } from "../api/types.gen.ts";
import { integer, percent, score, word } from "../lib/format.ts";

/** The rows drawn; smaller ones stand in the table only. */
export const MAX_ROWS = 20;
/** The mean of fewer scores says little. */
const ENOUGH_SCORED = 10;
/** Genres, themes and demographics of a smaller share are not compared; studios all are small, so the rows drawn are. */
const COMMON_SHARE = 0.1;

export const KIND_NAMES: Record<Kind, { one: string; many: string }> = {
  genre: { one: "genre", many: "genres" },
  theme: { one: "theme", many: "themes" },
  demographic: { one: "demographic", many: "demographics" },
  studio: { one: "studio", many: "studios" },
};

/** The finding about the spread of titles; none of lists that are not whole. */
export function genresFinding(data: GenreDistribution, kind: Kind, complete: boolean): string {
  const first = data.genres[0];
  if (!first || !complete) return `Titles by ${KIND_NAMES[kind].one}`;
  const most = mostFinding(first, data.titles, kind);
  const best = bestScored(data.genres, kind);
  if (!best) return most;
  const two = comparedRows(data.genres, kind).length === 2;
  const [of, rank] = two ? [`two ${comparedName(kind)}`, "higher"] : [comparedName(kind), "highest"];
  return `${most}; of the ${of}, ${best === first ? "it" : best.name} has the ${rank} mean score, ${score(best.mean_score)}`;
}

function mostFinding({ name, share, titles }: GenreShare, all: number, kind: Kind): string {
  if (kind === "studio") return `${name} made the most titles, ${integer(titles)} of ${integer(all)}`;
  if (kind === "theme") return `${percent(share)} of the titles observed share the theme ${name}`;
  return `${percent(share)} of the titles observed are ${name}`;
}

function comparedName(kind: Kind): string {
  return `${kind === "studio" ? "largest" : "common"} ${KIND_NAMES[kind].many}`;
}

/** Which mean scores the finding compares, in words. */
export function comparisonRule(kind: Kind): string {
  const who =
    kind === "studio"
      ? `those drawn with ${word(ENOUGH_SCORED)} scored titles or more`
      : `those with a tenth of the titles and ${word(ENOUGH_SCORED)} scored ones or more`;
  return `The ${comparedName(kind)} are compared: ${who}; scores in brackets are not.`;
}

/** The rows drawn whose mean scores are compared. */
export function comparedRows(rows: readonly GenreShare[], kind: Kind): GenreShare[] {
  return rows
    .slice(0, MAX_ROWS)
    .filter(
      (row) =>
        row.scored >= ENOUGH_SCORED &&
        row.mean_score !== null &&
        (kind === "studio" || row.share >= COMMON_SHARE),
    );
}

/** The compared row with the highest mean; none where two share it, or there is only one. */
export function bestScored(rows: readonly GenreShare[], kind: Kind): GenreShare | null {
  const compared = comparedRows(rows, kind);
  if (compared.length < 2) return null;
  const high = Math.max(...compared.map((row) => row.mean_score ?? 0));
  const all = compared.filter((row) => row.mean_score === high);
  return all.length === 1 ? (all[0] ?? null) : null;
}
