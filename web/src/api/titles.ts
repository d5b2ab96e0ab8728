// What the pages of one title request.
import type { ApiRequest, Selection } from "./queries.ts";
import type {
  JourneyResponse,
  Meta,
  Season,
  TitleDaysResponse,
  TitleResponse,
  TitleWeeksResponse,
} from "./types.gen.ts";

export interface SimilarTitle {
  mal_id: number;
  title: string;
  title_english: string | null;
  title_japanese: string | null;
  season: Season | null;
  year: number | null;
  likeness: number;
  weeks: (number | null)[];
  own: (number | null)[];
}

export interface SimilarResponse {
  meta: Meta;
  data: { mal_id: number; since: "premiere" | null; titles: SimilarTitle[] };
}

/** How many days of a title are shown. */
export type Range = "7" | "30" | "90" | "all";

export const titleQuery = (selection: Selection, id: number): ApiRequest<TitleResponse> => ({
  path: `titles/${id}`,
  params: { ...selection },
});

export const titleDaysQuery = (
  selection: Selection,
  id: number,
  range: Range,
): ApiRequest<TitleDaysResponse, { days: number | undefined }> => ({
  path: `analytics/titles/${id}/days`,
  params: { ...selection, days: range === "all" ? undefined : Number(range) },
});

export const titleWeeksQuery = (selection: Selection, id: number): ApiRequest<TitleWeeksResponse> => ({
  path: `analytics/titles/${id}/weeks`,
  params: { ...selection },
});

export const similarQuery = (selection: Selection, id: number): ApiRequest<SimilarResponse> => ({
  path: `analytics/titles/${id}/similar`,
  params: { ...selection, limit: 5 },
});

export const journeyQuery = (
  epoch: number | string,
  seq: number | string,
  title?: number,
): ApiRequest<JourneyResponse> => ({ path: `journey/${epoch}/${seq}`, params: { mal_id: title } });
