// Generated from openapi.json by `npm run generate`. Do not edit.

/**
 * A world of titles. Rows of two catalogues never meet on one chart.
 */
export type Catalogue = "mal" | "sample";
/**
 * How far a run has come.
 */
export type RunState = "stub" | "running" | "complete" | "incomplete" | "failed";
/**
 * A quarter of the broadcasting year.
 */
export type Season = "winter" | "spring" | "summer" | "fall";

/**
 * Every schema of the API by its name.
 */
export interface ApiSchemas {
  Catalogue: Catalogue;
  GenreDistribution: GenreDistribution;
  GenreDistributionResponse: GenreDistributionResponse;
  GenreShare: GenreShare;
  HistoryDay: HistoryDay;
  Meta: Meta;
  Origin: Origin;
  Problem: Problem;
  RankingRun: RankingRun;
  Run: Run;
  RunDay: RunDay;
  RunDaysResponse: RunDaysResponse;
  RunRows: RunRows;
  RunState: RunState;
  RunsResponse: RunsResponse;
  Season: Season;
  SeasonPoint: SeasonPoint;
  SeasonalTrendResponse: SeasonalTrendResponse;
  Source: Source;
  SourcesResponse: SourcesResponse;
  TopAnime: TopAnime;
  TopAnimeResponse: TopAnimeResponse;
  TopTitle: TopTitle;
}
/**
 * How the titles spread.
 */
export interface GenreDistribution {
  /**
   * The genres, the one with most titles first.
   */
  genres: GenreShare[];
  /**
   * Titles counted; a title has several genres, so the genres' numbers add up to more.
   */
  titles: number;
}
/**
 * One genre's part.
 */
export interface GenreShare {
  /**
   * The genre's number in its catalogue.
   */
  genre_id: number;
  /**
   * The mean of their scores.
   */
  mean_score: number | null;
  /**
   * Their members added up.
   */
  members: number;
  /**
   * Its name.
   */
  name: string;
  /**
   * Those of them that have a score.
   */
  scored: number;
  /**
   * Those titles' part of all titles counted, 0 to 1.
   */
  share: number;
  /**
   * Titles that have it.
   */
  titles: number;
}
/**
 * The body of this resource.
 */
export interface GenreDistributionResponse {
  data: GenreDistribution;
  meta: Meta;
}
/**
 * What every response says about itself.
 */
export interface Meta {
  /**
   * The last instant that counts: the newest capture's up to the one asked for, or the end of its day; `null` is now.
   */
  as_of: string | null;
  /**
   * The newest capture shown.
   */
  captured_at: string | null;
  catalogue: Catalogue;
  /**
   * Whether every run of the newest day captured brought all its pages.
   */
  complete: boolean;
  /**
   * The oldest capture of the catalogue, or of the source asked for, whatever `as_of` says.
   */
  first_captured_at: string | null;
  /**
   * Where the next page of a list starts; absent on the last one.
   */
  next_cursor?: string | null;
  /**
   * The one source asked for.
   */
  source: string | null;
  /**
   * The sources whose captures the response may rest on.
   */
  sources: string[];
  /**
   * Whether the database gave no newer one, so that this is the last response known (see the header `Age`).
   */
  stale: boolean;
  /**
   * The version of the catalogue's data that this response was read from.
   */
  version: number;
}
/**
 * The score on one UTC day.
 */
export interface HistoryDay {
  /**
   * The day.
   */
  day: string;
  /**
   * Whether the title was observed.
   */
  observed: boolean;
  /**
   * The day's last score; `null` where the title had none, or was not observed.
   */
  score: number | null;
}
/**
 * The place upstream and in the stream that a number comes from.
 */
export interface Origin {
  /**
   * The archive file that has the page too, once its day is over: the stream drops its oldest.
   */
  archive: string | null;
  /**
   * When.
   */
  captured_at: string;
  /**
   * When the stream of raw pages was made, in ms since 1970.
   */
  epoch: number;
  /**
   * The page of the run, from 1; `null` while the page is not known.
   */
  page: number | null;
  /**
   * The run.
   */
  run: string;
  /**
   * The page's number in that stream.
   */
  seq: number;
  /**
   * Where the bytes came from.
   */
  source: string;
}
/**
 * What went wrong, in the form of RFC 9457.
 */
export interface Problem {
  /**
   * What may stand there instead.
   */
  allowed?: string[];
  /**
   * What was wrong, where, and what to do.
   */
  detail: string;
  /**
   * The query parameter that was wrong.
   */
  parameter?: string | null;
  /**
   * The id to quote; it stands in the logs and in the header `X-Request-Id`.
   */
  request_id: string;
  /**
   * The HTTP status.
   */
  status: number;
  /**
   * The kind of problem in words.
   */
  title: string;
  /**
   * The kind of problem; `about:blank` where the status says it all.
   */
  type: string;
}
/**
 * The capture that a ranking comes from.
 */
export interface RankingRun {
  /**
   * When.
   */
  captured_at: string;
  /**
   * The run's id.
   */
  run: string;
  /**
   * Where the bytes came from.
   */
  source: string;
  state: RunState;
}
/**
 * One capture of one dataset.
 */
export interface Run {
  /**
   * The instant that all its pages share.
   */
  captured_at: string;
  catalogue: Catalogue;
  /**
   * What was captured.
   */
  dataset: string;
  /**
   * When fetching ended.
   */
  ended_at: string | null;
  /**
   * Pages that came.
   */
  pages_got: number;
  /**
   * Pages that were to come.
   */
  pages_planned: number | null;
  rows: RunRows;
  /**
   * The run's id.
   */
  run: string;
  /**
   * Where the bytes came from.
   */
  source: string;
  /**
   * When fetching began.
   */
  started_at: string | null;
  state: RunState;
  /**
   * What was odd without being an error.
   */
  warnings: string[];
}
/**
 * The books of one run.
 */
export interface RunRows {
  /**
   * Rows that passed the check.
   */
  accepted: number;
  /**
   * Rows that were set aside as dead letters.
   */
  dead: number;
  /**
   * Rows that another place had already told.
   */
  duplicate: number;
  /**
   * Rows on the pages.
   */
  received: number;
  /**
   * Observations owned by this run.
   */
  stored: number;
}
/**
 * One UTC day, observed or not.
 */
export interface RunDay {
  /**
   * Those that brought every page.
   */
  complete: number;
  /**
   * The day.
   */
  day: string;
  /**
   * Those that did not, or not yet.
   */
  incomplete: number;
  /**
   * Captures of that day; 0 where nothing was observed.
   */
  runs: number;
}
/**
 * The body of this resource.
 */
export interface RunDaysResponse {
  /**
   * What was asked for.
   */
  data: RunDay[];
  meta: Meta;
}
/**
 * The body of this resource.
 */
export interface RunsResponse {
  /**
   * What was asked for.
   */
  data: Run[];
  meta: Meta;
}
/**
 * The titles that had their premiere in one season, by their last known numbers.
 */
export interface SeasonPoint {
  /**
   * The mean of their scores.
   */
  mean_score: number | null;
  /**
   * The median of their members.
   */
  median_members: number | null;
  /**
   * The median of their scores.
   */
  median_score: number | null;
  /**
   * Their members added up.
   */
  members: number | null;
  /**
   * Those of them that have a score.
   */
  scored: number;
  season: Season;
  /**
   * Titles; 0 for a season of which none was observed: a gap, not a zero.
   */
  titles: number;
  /**
   * The year.
   */
  year: number;
}
/**
 * The body of this resource.
 */
export interface SeasonalTrendResponse {
  /**
   * What was asked for.
   */
  data: SeasonPoint[];
  meta: Meta;
}
/**
 * A place that bytes came from, and what it brought.
 */
export interface Source {
  catalogue: Catalogue;
  /**
   * The oldest capture.
   */
  first_captured_at: string | null;
  /**
   * The newest capture.
   */
  last_captured_at: string | null;
  /**
   * Observations stored.
   */
  observations: number;
  /**
   * Captures of one dataset each.
   */
  runs: number;
  /**
   * Whether its titles are fictional.
   */
  sample: boolean;
  /**
   * Its name: a base URL, `jikan-sim`, …
   */
  source: string;
  /**
   * Titles seen at least once.
   */
  titles: number;
}
/**
 * The body of this resource.
 */
export interface SourcesResponse {
  /**
   * What was asked for.
   */
  data: Source[];
  meta: Meta;
}
/**
 * The ranking of the newest capture beside an earlier one.
 */
export interface TopAnime {
  previous: RankingRun | null;
  run: RankingRun | null;
  /**
   * The titles from the first place down.
   */
  titles: TopTitle[];
}
/**
 * A title in the ranking.
 */
export interface TopTitle {
  /**
   * The title's number in its catalogue.
   */
  mal_id: number;
  /**
   * How many people have it on a list.
   */
  members: number | null;
  /**
   * Places gained since the earlier capture (positive = up); `null` where it was not in it.
   */
  move: number | null;
  origin: Origin;
  /**
   * Its place in this capture, from 1.
   */
  place: number;
  /**
   * Its place in the earlier capture; `null` where it was not in it.
   */
  previous_place: number | null;
  /**
   * The mean of its votes, 1 to 10.
   */
  score: number | null;
  /**
   * The score's change since the earlier capture.
   */
  score_change: number | null;
  /**
   * How many voted.
   */
  scored_by: number | null;
  season: Season | null;
  /**
   * The score on the last days up to this capture: 14, or as many as `days` asked for.
   */
  spark: HistoryDay[];
  /**
   * Who made it.
   */
  studios: string[];
  /**
   * Its main title.
   */
  title: string;
  /**
   * Its English title.
   */
  title_english: string | null;
  /**
   * Its Japanese title.
   */
  title_japanese: string | null;
  /**
   * TV, Movie, OVA …
   */
  type: string | null;
  /**
   * The year of its premiere.
   */
  year: number | null;
}
/**
 * The body of this resource.
 */
export interface TopAnimeResponse {
  data: TopAnime;
  meta: Meta;
}
