import type { Kind, Since } from "../api/queries.ts";
import {
  among,
  defined,
  type RawSearch,
  readShared,
  readSorts,
  readTables,
  type SharedSearch,
} from "./shared.ts";

/** The charts of the overview, in its order. */
export const OVERVIEW_CHARTS = ["lead", "top", "genres", "seasons"] as const;

export interface OverviewSearch extends SharedSearch {
  since?: Since | undefined;
  kind?: Kind | undefined;
  measure?: "titles" | undefined;
  score?: "median" | undefined;
  members?: "median" | undefined;
  seasons?: "all" | undefined;
  /** Charts with an open table, separated by dots. */
  table?: string | undefined;
  /** The order of the tables that somebody has sorted. */
  sort?: string | undefined;
}

/** The choices of the overview. */
export const readOverview = (raw: RawSearch): OverviewSearch =>
  defined<OverviewSearch>({
    ...readShared(raw),
    since: among<Since>(raw.since, ["capture", "day", "week"]),
    kind: among(raw.kind, ["theme", "demographic", "studio"]),
    measure: among(raw.measure, ["titles"]),
    score: among(raw.score, ["median"]),
    members: among(raw.members, ["median"]),
    seasons: among(raw.seasons, ["all"]),
    table: readTables(OVERVIEW_CHARTS, raw.table),
    sort: readSorts(OVERVIEW_CHARTS, raw.sort),
  });
