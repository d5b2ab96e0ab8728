// What the pages ask for. A key holds every parameter, so a changed address is another question.
import { queryOptions } from "@tanstack/react-query";
import { type Answer, type Parameters, read } from "./client.ts";
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

/** A path and what is asked of it. `Asked` names the choices that change what an answer means. */
export interface Question<Body, Asked extends Parameters = Parameters> {
  path: string;
  asked: Parameters & Asked;
  /** Never read: the shape of the answer. */
  answer?: Body;
}

/** How the question is asked, and asked again. */
export function optionsOf<Body, Asked extends Parameters>({ path, asked }: Question<Body, Asked>) {
  return queryOptions({
    queryKey: [path, asked] as const,
    queryFn: async ({ signal }) => (await read<Body>(path, asked, signal)) as Answer<Body, Asked>,
    refetchInterval: LOOK_AGAIN_MS,
    staleTime: LOOK_AGAIN_MS / 2,
    // With the API away, the answers to other choices are all there is.
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
): Question<TopAnimeResponse, { since: Since }> => ({
  path: TOP_ANIME,
  asked: { ...selection, limit: 10, days: LINE_DAYS, since },
});

export const genresQuery = (
  selection: Selection,
  kind: Kind,
): Question<GenreDistributionResponse, { kind: Kind }> => ({
  path: GENRE_DISTRIBUTION,
  asked: { ...selection, kind },
});

export const seasonsQuery = (selection: Selection): Question<SeasonalTrendResponse> => ({
  path: SEASONAL_TREND,
  asked: { ...selection },
});

export const runsQuery = (selection: Selection): Question<RunsResponse> => ({
  path: "runs",
  asked: { ...selection, limit: 50 },
});

export const daysQuery = (selection: Selection): Question<RunDaysResponse> => ({
  path: "runs/days",
  asked: { ...selection, days: 60 },
});

export const sourcesQuery = (): Question<SourcesResponse> => ({ path: "sources", asked: {} });
