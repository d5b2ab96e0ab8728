// What the pages ask for. A key holds every parameter, so a changed address is another question.
import { queryOptions } from "@tanstack/react-query";
import { type Parameters, read } from "./client.ts";
import type {
  Catalogue,
  GenreDistributionAnswer,
  RunDaysAnswer,
  RunsAnswer,
  SeasonalTrendAnswer,
  SourcesAnswer,
  TopAnimeAnswer,
} from "./types.gen.ts";

/** Which captures are shown. */
export interface Selection {
  catalogue?: Catalogue | undefined;
  source?: string | undefined;
  as_of?: string | undefined;
}

export type Kind = "genre" | "theme" | "demographic" | "studio";

/** How long before it the capture lies that a ranking is compared with. */
export type Since = "capture" | "day" | "week";

/** How often a page looks for a newer capture. */
const LOOK_AGAIN_MS = 60_000;

function resource<Body>(path: string, parameters: Parameters = {}) {
  return queryOptions({
    queryKey: [path, parameters] as const,
    queryFn: ({ signal }) => read<Body>(path, parameters, signal),
    refetchInterval: LOOK_AGAIN_MS,
    staleTime: LOOK_AGAIN_MS / 2,
  });
}

export const TOP_ANIME = "analytics/top-anime";
export const GENRE_DISTRIBUTION = "analytics/genre-distribution";
export const SEASONAL_TREND = "analytics/seasonal-trend";

/** How far back the leading title's line goes. */
const LINE_DAYS = 60;

export const topAnimeQuery = (selection: Selection, since: Since) =>
  resource<TopAnimeAnswer>(TOP_ANIME, { ...selection, limit: 10, days: LINE_DAYS, since });

export const genresQuery = (selection: Selection, kind: Kind) =>
  resource<GenreDistributionAnswer>(GENRE_DISTRIBUTION, { ...selection, kind });

export const seasonsQuery = (selection: Selection) =>
  resource<SeasonalTrendAnswer>(SEASONAL_TREND, { ...selection });

export const runsQuery = (selection: Selection) => resource<RunsAnswer>("runs", { ...selection, limit: 50 });

export const daysQuery = (selection: Selection) =>
  resource<RunDaysAnswer>("runs/days", { ...selection, days: 60 });

export const sourcesQuery = () => resource<SourcesAnswer>("sources");
