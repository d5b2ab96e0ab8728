import { daysQuery, genresQuery, runsQuery, seasonsQuery, topAnimeQuery } from "../api/queries.ts";
import { useResponse } from "../api/useResponse.ts";
import { staleWords } from "./freshness.ts";
import { useSince } from "./useSince.ts";
import { useView } from "./useView.ts";

/** Sends no request itself: the parts of the page do. */
const WATCH = false;

/** How old the page's numbers are, in words; `null` while all are the newest. */
export function useStaleness(): string | null {
  const { search, selection } = useView();
  const since = useSince();
  const lead = useResponse(topAnimeQuery(selection, "capture"), WATCH);
  return staleWords([
    ...(since === "capture" ? [] : [["the leading title", lead] as const]),
    ["the captures", useResponse(runsQuery(selection), WATCH)],
    ["the days", useResponse(daysQuery(selection), WATCH)],
    ["the ranking", useResponse(topAnimeQuery(selection, since), WATCH)],
    ["the genres", useResponse(genresQuery(selection, search.kind ?? "genre"), WATCH)],
    ["the seasons", useResponse(seasonsQuery(selection), WATCH)],
  ]);
}
