import { among, day, defined, type RawSearch, readShared, readTables, type SharedSearch } from "./shared.ts";

/** The charts of a title's page, in its order. */
export const TITLE_CHARTS = ["line", "weeks", "similar"] as const;

export interface TitleSearch extends SharedSearch {
  /** The days shown; 90 where it is left out. */
  range?: "7" | "30" | "all" | undefined;
  /** What is drawn above the members; the score where it is left out. */
  measure?: "rank" | "popularity" | "favorites" | undefined;
  /** Which weekly list gives the places; that by score where it is left out. */
  places?: "members" | undefined;
  /** The day of the chosen point. */
  at?: string | undefined;
  /** Charts with an open table, separated by dots. */
  table?: string | undefined;
}

/** The choices of a title's page. */
export const readTitle = (raw: RawSearch): TitleSearch =>
  defined<TitleSearch>({
    ...readShared(raw),
    range: among(raw.range, ["7", "30", "all"]),
    measure: among(raw.measure, ["rank", "popularity", "favorites"]),
    places: among(raw.places, ["members"]),
    at: day(raw.at),
    table: readTables(TITLE_CHARTS, raw.table),
  });
