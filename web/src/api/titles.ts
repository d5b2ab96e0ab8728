// What the pages of one title request.
import type { ApiRequest, Selection } from "./queries.ts";
import type {
  JourneyResponse,
  TitleDaysResponse,
  TitleResponse,
  TitleSimilarResponse,
  TitleWeeksResponse,
} from "./types.gen.ts";

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

export const similarQuery = (selection: Selection, id: number): ApiRequest<TitleSimilarResponse> => ({
  path: `analytics/titles/${id}/similar`,
  params: { ...selection, limit: 5 },
});

export const journeyQuery = (
  epoch: number | string,
  seq: number | string,
  title?: number,
): ApiRequest<JourneyResponse> => ({ path: `journey/${epoch}/${seq}`, params: { mal_id: title } });
