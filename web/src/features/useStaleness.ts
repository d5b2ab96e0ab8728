import { daysQuery, genresQuery, runsQuery, seasonsQuery, topAnimeQuery } from "../api/queries.ts";
import { useAnswer } from "../api/useAnswer.ts";
import { staleWords } from "./freshness.ts";
import { useSince } from "./useSince.ts";
import { useView } from "./useView.ts";

/** Asks nothing itself: the parts of the page do. */
const WATCH = false;

/** How old the page's numbers are, in words; `null` while all are the newest. */
export function useStaleness(): string | null {
  const { search, selection } = useView();
  const since = useSince();
  const lead = useAnswer(topAnimeQuery(selection, "capture"), WATCH);
  return staleWords([
    ...(since === "capture" ? [] : [["the leading title", lead] as const]),
    ["the captures", useAnswer(runsQuery(selection), WATCH)],
    ["the days", useAnswer(daysQuery(selection), WATCH)],
    ["the ranking", useAnswer(topAnimeQuery(selection, since), WATCH)],
    ["the genres", useAnswer(genresQuery(selection, search.kind ?? "genre"), WATCH)],
    ["the seasons", useAnswer(seasonsQuery(selection), WATCH)],
  ]);
}
