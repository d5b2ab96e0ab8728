// What the pages request. A key holds every parameter, so a changed address is another request.
import { queryOptions } from "@tanstack/react-query";
import { type ApiResponse, type Parameters, read } from "./client.ts";
import type {
  Catalogue,
  GenreDistributionResponse,
  RunDaysResponse,
  RunsResponse,
  SeasonalTrendResponse,
  SourcesResponse,
  TopAnimeResponse,
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

/** A path and its parameters. `Params` names those that change what a response means. */
export interface ApiRequest<Body, Params extends Parameters = Parameters> {
  path: string;
  params: Parameters & Params;
  /** How often to look for a newer response. */
  everyMs?: number;
  /** Never read: the shape of the response. */
  response?: Body;
}

/** How the request is sent, and sent again. */
export function optionsOf<Body, Params extends Parameters>(request: ApiRequest<Body, Params>) {
  const { path, params, everyMs = LOOK_AGAIN_MS } = request;
  return queryOptions({
    queryKey: [path, params] as const,
    queryFn: async ({ signal }) => (await read<Body>(path, params, signal)) as ApiResponse<Body, Params>,
    refetchInterval: everyMs,
    staleTime: everyMs / 2,
    // With the API away, the responses to other choices are all there is.
    gcTime: Number.POSITIVE_INFINITY,
  });
}

export const TOP_ANIME = "analytics/top-anime";
export const GENRE_DISTRIBUTION = "analytics/genre-distribution";
export const SEASONAL_TREND = "analytics/seasonal-trend";

/** How far back the leading title's line goes. */
const LINE_DAYS = 60;

export const topAnimeQuery = (
  selection: Selection,
  since: Since,
): ApiRequest<TopAnimeResponse, { since: Since }> => ({
  path: TOP_ANIME,
  params: { ...selection, limit: 10, days: LINE_DAYS, since },
});

export const genresQuery = (
  selection: Selection,
  kind: Kind,
): ApiRequest<GenreDistributionResponse, { kind: Kind }> => ({
  path: GENRE_DISTRIBUTION,
  params: { ...selection, kind },
});

export const seasonsQuery = (selection: Selection): ApiRequest<SeasonalTrendResponse> => ({
  path: SEASONAL_TREND,
  params: { ...selection },
});

export const runsQuery = (selection: Selection): ApiRequest<RunsResponse> => ({
  path: "runs",
  params: { ...selection, limit: 50 },
});

export const daysQuery = (selection: Selection): ApiRequest<RunDaysResponse> => ({
  path: "runs/days",
  params: { ...selection, days: 60 },
});

export const sourcesQuery = (): ApiRequest<SourcesResponse> => ({ path: "sources", params: {} });
