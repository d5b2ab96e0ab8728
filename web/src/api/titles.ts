// What the pages of one title request, and what they get.
import type { ApiRequest, Selection } from "./queries.ts";
import type { Meta } from "./types.gen.ts";

/** The numbers of one day; `null` where none is known. */
export interface Numbers {
  day: string;
  score: number | null;
  scored_by: number | null;
  rank: number | null;
  popularity: number | null;
  members: number | null;
  favorites: number | null;
}

interface Tag {
  id: number;
  name: string;
}

export interface Title {
  mal_id: number;
  title: string;
  title_english: string | null;
  title_japanese: string | null;
  synonyms: string[];
  type: string | null;
  source_material: string | null;
  episodes: number | null;
  status: string | null;
  airing: boolean | null;
  aired_from: string | null;
  aired_from_precision: "day" | "month" | "year" | null;
  aired_to: string | null;
  duration: string | null;
  rating: string | null;
  season: string | null;
  year: number | null;
  broadcast: string | null;
  image: string | null;
  url: string | null;
  name_only: boolean;
  genres: Tag[];
  themes: Tag[];
  demographics: Tag[];
  studios: Tag[];
  latest: Numbers | null;
  week_before: Numbers | null;
}

export interface TitleDay extends Numbers {
  observed: boolean;
  captured_at: string | null;
  source: string | null;
  run: string | null;
  epoch: number | null;
  seq: number | null;
}

export interface TitleWeek {
  week: string;
  observed: boolean;
  score: number | null;
  members: number | null;
  members_gained: number | null;
  score_place: number | null;
  members_place: number | null;
}

export interface Standing {
  place: number | null;
  last_week: number | null;
  peak: number | null;
  peak_week: string | null;
  weeks: number;
}

export interface TitleWeeks {
  mal_id: number;
  weeks: TitleWeek[];
  score_list: Standing;
  members_list: Standing;
  rolled_up: boolean;
}

export interface SimilarTitle {
  mal_id: number;
  title: string;
  title_english: string | null;
  title_japanese: string | null;
  season: string | null;
  year: number | null;
  likeness: number;
  weeks: (number | null)[];
  own: (number | null)[];
}

export interface Journey {
  epoch: number;
  seq: number;
  catalogue: "mal" | "sample";
  dataset: string;
  run: string;
  run_state: string;
  source: string;
  page: number;
  pages_planned: number | null;
  url: string | null;
  judge: string;
  contract: string;
  received: number;
  accepted: number;
  dead: number;
  stored: number;
  duplicate: number;
  replay_root: string | null;
  trace_id: string | null;
  trace_url: string | null;
  archive: string | null;
  captured_at: string;
  stored_at: string;
  judged_at: string;
  committed_at: string;
  row: { mal_id: number; index: number; position: number } | null;
}

interface Response<Data> {
  meta: Meta;
  data: Data;
}

export type TitleResponse = Response<Title>;
export type TitleDaysResponse = Response<{ mal_id: number; days: TitleDay[] }>;
export type TitleWeeksResponse = Response<TitleWeeks>;
export type SimilarResponse = Response<{ mal_id: number; since: "premiere" | null; titles: SimilarTitle[] }>;
export type JourneyResponse = Response<Journey>;

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
