import { useQuery } from "@tanstack/react-query";
import { daysQuery, genresQuery, runsQuery, seasonsQuery, topAnimeQuery } from "../api/queries.ts";
import { sinceOf } from "../routes/search.ts";
import { staleWords } from "./freshness.ts";
import { useView } from "./useView.ts";

/** Asks nothing itself: the parts of the page do. */
const WATCH = { enabled: false } as const;

/** How old the page's numbers are, in words; `null` while all are the newest. */
export function useStaleness(): string | null {
  const { search, selection } = useView();
  return staleWords([
    ["the captures", useQuery({ ...runsQuery(selection), ...WATCH })],
    ["the days", useQuery({ ...daysQuery(selection), ...WATCH })],
    ["the ranking", useQuery({ ...topAnimeQuery(selection, sinceOf(search)), ...WATCH })],
    ["the genres", useQuery({ ...genresQuery(selection, search.kind ?? "genre"), ...WATCH })],
    ["the seasons", useQuery({ ...seasonsQuery(selection), ...WATCH })],
  ]);
}
