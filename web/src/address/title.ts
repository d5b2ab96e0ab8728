import {
  among,
  day,
  defined,
  type RawSearch,
  readShared,
  readSorts,
  readTables,
  type SharedSearch,
} from "./shared.ts";

/** The charts of a title's page, in its order. */
export const TITLE_CHARTS = ["line", "weeks", "similar"] as const;

/** Those whose rows can be sorted: the episodes are a table themselves. */
const TITLE_TABLES = [...TITLE_CHARTS, "episodes"];

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
  /** The order of the tables that somebody has sorted. */
  sort?: string | undefined;
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
    sort: readSorts(TITLE_TABLES, raw.sort),
  });
