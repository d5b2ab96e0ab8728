// The measures of a title that a line can show: how each is named, written, and which way is better.
import { integer, score } from "./format.ts";

export const MEASURES = ["score", "rank", "popularity", "favorites"] as const;
export type Measure = (typeof MEASURES)[number];

interface Words {
  /** At the start of a line. */
  name: string;
  write: (value: number | null) => string;
  /** Whether a smaller number is better: its axis is turned. */
  isPlace: boolean;
}

const place = (value: number | null) => (value === null ? "–" : `#${integer(value)}`);

export const WORDS: Record<Measure | "members", Words> = {
  score: { name: "Score", write: score, isPlace: false },
  rank: { name: "Rank", write: place, isPlace: true },
  popularity: { name: "Popularity", write: place, isPlace: true },
  favorites: { name: "Favourites", write: integer, isPlace: false },
  members: { name: "Members", write: integer, isPlace: false },
};

/** A score of fewer votes says little. */
const ENOUGH_VOTES = 1000;

/** Whether a score says little; not where its votes are not known. */
export function hasFewVotes({ scored_by }: { scored_by: number | null }): boolean {
  return scored_by !== null && scored_by < ENOUGH_VOTES;
}
