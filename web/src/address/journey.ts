import { defined, type RawSearch, readShared, type SharedSearch } from "./shared.ts";

export interface JourneySearch extends SharedSearch {
  /** The `mal_id` of the title whose row is looked for in the page. */
  title?: string | undefined;
}

/** The choices of a page's journey. */
export const readJourney = (raw: RawSearch): JourneySearch =>
  defined<JourneySearch>({ ...readShared(raw), title: malId(raw.title) });

function malId(value: unknown): string | undefined {
  return typeof value === "string" && /^[1-9]\d{0,9}$/.test(value) ? value : undefined;
}
