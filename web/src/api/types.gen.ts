// Generated from openapi.json by `npm run generate`. Do not edit.

/**
 * A world of titles. Rows of two catalogues never meet on one chart.
 */
export type Catalogue = "mal" | "sample";
/**
 * Since when weeks are counted.
 */
export type CountedSince = "premiere";
/**
 * How exactly a date is known.
 */
export type DatePrecision = "day" | "month" | "year";
/**
 * A title that was found.
 */
export type FoundTitle = Named & {
  /**
   * Whether that name is only like what was asked for: a guess at what was meant.
   */
  guess: boolean;
  /**
   * Which of its names was found.
   */
  matched: string;
  /**
   * How many people have it on a list.
   */
  members: number | null;
  /**
   * The mean of its votes, 1 to 10.
   */
  score: number | null;
};
/**
 * A quarter of the broadcasting year.
 */
export type Season = "winter" | "spring" | "summer" | "fall";
/**
 * How far a run has come.
 */
export type RunState = "stub" | "running" | "complete" | "incomplete" | "failed";
/**
 * Which members.
 */
export type Which = "pass" | "all";
/**
 * The numbers of a title on one UTC day.
 */
export type Numbers = Figures & {
  /**
   * The day.
   */
  day: string;
};
/**
 * Days, the oldest first.
 */
export type RunDayList = RunDay[];
/**
 * Captures, the newest first.
 */
export type RunList = Run[];
/**
 * Seasons, the oldest first.
 */
export type SeasonList = SeasonPoint[];
/**
 * The sources of all catalogues.
 */
export type SourceList = Source[];
/**
 * What is known of a title.
 */
export type Title = Named & {
  /**
   * The day of its premiere, as exactly as `aired_from_precision` says.
   */
  aired_from: string | null;
  aired_from_precision: DatePrecision | null;
  /**
   * The day of its last episode.
   */
  aired_to: string | null;
  /**
   * Whether it is on air.
   */
  airing: boolean | null;
  /**
   * When it is on air each week, in the upstream's words.
   */
  broadcast: string | null;
  /**
   * Whom it is made for.
   */
  demographics: Tag[];
  /**
   * How long an episode is, in the upstream's words.
   */
  duration: string | null;
  /**
   * How many episodes it has, or will have.
   */
  episodes: number | null;
  /**
   * Its genres.
   */
  genres: Tag[];
  latest: Numbers | null;
  /**
   * Whether no capture has shown it: only a history names it.
   */
  name_only: boolean;
  /**
   * For whom it is, in the upstream's words.
   */
  rating: string | null;
  /**
   * What it was made from: Manga, Original …
   */
  source_material: string | null;
  /**
   * Where its airing stands, in the upstream's words.
   */
  status: string | null;
  /**
   * Who made it.
   */
  studios: Tag[];
  /**
   * Its other titles.
   */
  synonyms: string[];
  /**
   * Its themes.
   */
  themes: Tag[];
  /**
   * Its page in the catalogue.
   */
  url: string | null;
  week_before: Numbers | null;
};
/**
 * One title on one UTC day, by its last observation.
 */
export type TitleDay = Figures & {
  /**
   * When the last observation was made.
   */
  captured_at: string | null;
  /**
   * The day.
   */
  day: string;
  /**
   * Whether an operator edited what the page was made from.
   */
  edited: boolean;
  /**
   * When the stream of raw pages that has its page was made, in ms since 1970.
   */
  epoch: number | null;
  /**
   * Whether the title was observed: a day without is a gap, not a zero.
   */
  observed: boolean;
  /**
   * Its run.
   */
  run: string | null;
  /**
   * The page's number in that stream.
   */
  seq: number | null;
  /**
   * Where its bytes came from.
   */
  source: string | null;
};

/**
 * Every schema of the API by its name.
 */
export interface ApiSchemas {
  Action: Action;
  Audit: Audit;
  BulkDiscard: BulkDiscard;
  Candidate: Candidate;
  Catalogue: Catalogue;
  Changed: Changed;
  Correction: Correction;
  CountedSince: CountedSince;
  DatePrecision: DatePrecision;
  Detail: Detail;
  Discarded: Discarded;
  Facet: Facet;
  Facets: Facets;
  FailureCount: FailureCount;
  Figures: Figures;
  FoundTitle: FoundTitle;
  GenreDistribution: GenreDistribution;
  GenreDistributionResponse: GenreDistributionResponse;
  GenreShare: GenreShare;
  Group: Group;
  GroupChange: GroupChange;
  Groups: Groups;
  HistoryDay: HistoryDay;
  Hour: Hour;
  Item: Item;
  Items: Items;
  Job: Job;
  JobCounts: JobCounts;
  Jobs: Jobs;
  Journey: Journey;
  JourneyResponse: JourneyResponse;
  JourneyRow: JourneyRow;
  Ledger: Ledger;
  LedgerRun: LedgerRun;
  LedgerTotals: LedgerTotals;
  Letter: Letter;
  Member: Member;
  MemberFault: MemberFault;
  MemberTexts: MemberTexts;
  Members: Members;
  Meta: Meta;
  Named: Named;
  NewJob: NewJob;
  NewPlan: NewPlan;
  NewText: NewText;
  Numbers: Numbers;
  Origin: Origin;
  Place: Place;
  PlacedFault: PlacedFault;
  Plan: Plan;
  Plans: Plans;
  Problem: Problem;
  Progress: Progress;
  Projection: Projection;
  RankingRun: RankingRun;
  Run: Run;
  RunDay: RunDay;
  RunDayList: RunDayList;
  RunDaysResponse: RunDaysResponse;
  RunList: RunList;
  RunRows: RunRows;
  RunState: RunState;
  RunsResponse: RunsResponse;
  SchemaChange: SchemaChange;
  Schemas: Schemas;
  Season: Season;
  SeasonList: SeasonList;
  SeasonPoint: SeasonPoint;
  SeasonalTrendResponse: SeasonalTrendResponse;
  SignIn: SignIn;
  SignedIn: SignedIn;
  SimilarTitle: SimilarTitle;
  Skip: Skip;
  Source: Source;
  SourceList: SourceList;
  SourcesResponse: SourcesResponse;
  Standing: Standing;
  StoredEdit: StoredEdit;
  StoredPosition: StoredPosition;
  StreamPosition: StreamPosition;
  Tag: Tag;
  Title: Title;
  TitleDay: TitleDay;
  TitleDays: TitleDays;
  TitleDaysResponse: TitleDaysResponse;
  TitleResponse: TitleResponse;
  TitleSimilar: TitleSimilar;
  TitleSimilarResponse: TitleSimilarResponse;
  TitleWeek: TitleWeek;
  TitleWeeks: TitleWeeks;
  TitleWeeksResponse: TitleWeeksResponse;
  Titles: Titles;
  TitlesResponse: TitlesResponse;
  TopAnime: TopAnime;
  TopAnimeResponse: TopAnimeResponse;
  TopTitle: TopTitle;
  Unchecked: Unchecked;
  Verdict: Verdict;
  Which: Which;
  Why: Why;
}
/**
 * One thing that somebody did.
 */
export interface Action {
  /**
   * `replay`, `edit`, `revert`, `discard`, `restore`, `group`, `plan` or `job`.
   */
  action: string;
  /**
   * The operator, or the service for what it did by itself.
   */
  actor: string;
  /**
   * When.
   */
  at: string;
  /**
   * Of an edit: the text that the item had before.
   */
  before: string | null;
  /**
   * What else there is to say: the text of an edit, what was said of a group.
   */
  detail: {};
  /**
   * Its number.
   */
  id: number;
  /**
   * The job.
   */
  job: string | null;
  /**
   * The replay's number.
   */
  n: number | null;
  /**
   * The plan.
   */
  plan: string | null;
  /**
   * Why.
   */
  reason: string | null;
  /**
   * The item that it is about.
   */
  root: string | null;
  /**
   * Whether the stream AUDIT has it.
   */
  sent: boolean;
  /**
   * The item's version that the operator saw.
   */
  version: number | null;
}
/**
 * Actions, the newest first.
 */
export interface Audit {
  /**
   * The actions.
   */
  actions: Action[];
  /**
   * What the parameter `cursor` must hold for the next page; `null` on the last.
   */
  next_cursor: string | null;
  /**
   * How many actions the stream AUDIT does not have yet.
   */
  unsent: number;
}
/**
 * Which items are given up, and why.
 */
export interface BulkDiscard {
  /**
   * Needed for an empty filter.
   */
  all?: boolean;
  /**
   * How many the operator expects to give up; another number is refused. Without it nothing is done but counting.
   */
  expect?: number | null;
  /**
   * Which items.
   */
  filter: string;
  /**
   * Why; not needed to count.
   */
  reason?: string;
}
/**
 * A schema that nobody deployed yet.
 */
export interface Candidate {
  /**
   * Which schema it is to replace.
   */
  name: string;
  /**
   * Its text.
   */
  text: string;
}
/**
 * The item after a command.
 */
export interface Changed {
  item: Item;
}
/**
 * One place upstream that is dead, and what became of it.
 */
export interface Item {
  /**
   * The catalogue.
   */
  catalogue: string | null;
  /**
   * Of an item whose stored text is an operator's and that has another text since: `waiting`, `published` or `failed`.
   */
  correction: string | null;
  /**
   * What was captured.
   */
  dataset: string;
  /**
   * Whether its text is an operator's.
   */
  edited: boolean;
  /**
   * Replays that failed.
   */
  failures: number;
  /**
   * When it first died.
   */
  first_at: string;
  /**
   * Who rejected it last.
   */
  judge: string;
  /**
   * When it last died.
   */
  last_at: string;
  /**
   * The title's number in its catalogue, if it can be read.
   */
  mal_id: number | null;
  /**
   * What is wrong, in words.
   */
  message: string;
  /**
   * The page of the run, from 1.
   */
  page: number;
  /**
   * JSON pointer to the most telling fault.
   */
  pointer: string;
  /**
   * Why it was rejected last.
   */
  reason: string;
  /**
   * When its row was stored.
   */
  resolved_at: string | null;
  /**
   * The judge that let it pass.
   */
  resolved_by: string | null;
  /**
   * Its name: `<run>:<page>:<row or page>:<stage>`.
   */
  root: string;
  /**
   * The row of the page, from 0; `null` for a whole page.
   */
  row: number | null;
  /**
   * The run.
   */
  run: string;
  /**
   * Where its bytes came from.
   */
  source: string | null;
  /**
   * Where it first died: `fetch`, `validate` or `load`.
   */
  stage: string;
  /**
   * `open`, `published`, `resolved`, `failed`, `quarantined` or `discarded`.
   */
  state: string;
  /**
   * The title, if it can be read.
   */
  title: string | null;
  /**
   * The number of its facts; a command names the one that its operator saw.
   */
  version: number;
}
/**
 * Another text for a stored row.
 */
export interface Correction {
  /**
   * Whether a text is kept that does not pass.
   */
  force?: boolean;
  /**
   * Why.
   */
  reason: string;
  stored: StoredPosition;
  /**
   * The whole text.
   */
  text: string;
  /**
   * The item's version that the operator saw.
   */
  version: number;
}
/**
 * The stored row that the operator saw.
 */
export interface StoredPosition {
  /**
   * The epoch of RAW.
   */
  epoch: number;
  /**
   * The number in RAW.
   */
  seq: number;
}
/**
 * Everything about one item.
 */
export interface Detail {
  /**
   * What was done about it, the oldest first.
   */
  actions: Action[];
  /**
   * Its bytes where they are not UTF-8.
   */
  body_base64: string | null;
  /**
   * The faults of its newest letter, placed in the text that came.
   */
  faults: PlacedFault[];
  /**
   * The headers of its newest letter.
   */
  headers: {
    [k: string]: string;
  };
  item: Item;
  journey: StreamPosition | null;
  /**
   * Its letters, the oldest first.
   */
  letters: Letter[];
  now: Verdict;
  /**
   * The text as it came, where an operator changed it.
   */
  original: string | null;
  schema: SchemaChange;
  /**
   * How many bytes came.
   */
  size: number;
  stored: StoredEdit | null;
  /**
   * Its present text; `null` where its bytes are not UTF-8.
   */
  text: string | null;
  /**
   * Where the trace of its newest letter can be seen, if it can.
   */
  trace_url: string | null;
}
/**
 * One place where a text and its schema differ.
 */
export interface PlacedFault {
  /**
   * The character in that line, from 1.
   */
  column: number | null;
  /**
   * The byte after its last.
   */
  end: number | null;
  /**
   * The keyword of the schema.
   */
  keyword: string;
  /**
   * The line in the text, from 1.
   */
  line: number | null;
  /**
   * What is wrong, in words.
   */
  message: string | null;
  /**
   * JSON pointer into the text.
   */
  path: string;
  /**
   * JSON pointer into the schema.
   */
  schema_path: string;
  /**
   * The first of its bytes in the text.
   */
  start: number | null;
}
/**
 * A message of a stream.
 */
export interface StreamPosition {
  /**
   * When the stream was made, in ms since 1970.
   */
  epoch: number;
  /**
   * The message's number in it.
   */
  seq: number;
}
/**
 * A message of DLQ.
 */
export interface Letter {
  /**
   * When it was rejected.
   */
  at: string;
  /**
   * 0 as fetched, n for the n-th replay.
   */
  attempt: number;
  /**
   * How often its message had been delivered.
   */
  deliveries: number | null;
  /**
   * Its name in the stream.
   */
  dlq_id: string;
  /**
   * When DLQ was made, in ms since 1970.
   */
  epoch: number;
  /**
   * Who rejected it.
   */
  judge: string;
  /**
   * What was wrong, in words.
   */
  message: string;
  /**
   * When RAW was made, in ms since 1970.
   */
  raw_epoch: number | null;
  /**
   * The number in RAW of the page that it came on.
   */
  raw_seq: number | null;
  /**
   * Why.
   */
  reason: string;
  /**
   * Its number in DLQ.
   */
  seq: number;
  /**
   * The process that rejected it.
   */
  service: string | null;
  /**
   * Where.
   */
  stage: string;
  /**
   * The trace.
   */
  trace_id: string | null;
}
/**
 * What the present schemas say of a text.
 */
export interface Verdict {
  /**
   * Why it does not.
   */
  faults: PlacedFault[];
  /**
   * The present schemas, as a judge.
   */
  judge: string;
  /**
   * Whether it passes.
   */
  passes: boolean;
}
/**
 * The schema that rejected, then and now.
 */
export interface SchemaChange {
  /**
   * The SHA-256 of its text when it rejected.
   */
  hash: string | null;
  /**
   * Its name.
   */
  name: string | null;
  /**
   * Its text now.
   */
  now: string | null;
  /**
   * The same rule now; `null` where it is gone.
   */
  rule_now: string | null;
  /**
   * The rule that was broken, then.
   */
  rule_then: string | null;
  /**
   * Its text then; `null` where that is not known here.
   */
  then: string | null;
}
/**
 * What an operator edited and a replay stored.
 */
export interface StoredEdit {
  /**
   * The number of the edit among the item's actions.
   */
  edit: number;
  /**
   * The epoch of RAW in which the replay is.
   */
  epoch: number;
  /**
   * Which replay of the item it is.
   */
  n: number;
  /**
   * Its number in RAW.
   */
  seq: number;
  /**
   * Whether it still is what the tables have for its place; otherwise other facts took that.
   */
  stands: boolean;
}
/**
 * What was done.
 */
export interface Discarded {
  /**
   * How many actions the audit has of that.
   */
  actions: number;
  /**
   * How many items are discarded now that were not.
   */
  discarded: number;
  /**
   * How many items match that are open, failed or quarantined.
   */
  matching: number;
}
/**
 * A value and its items.
 */
export interface Facet {
  /**
   * How many items have it.
   */
  items: number;
  /**
   * The value.
   */
  value: string;
}
/**
 * How many items there are of each value. The term about a facet itself does not count in it, so that it shows what else
 * could be asked for.
 */
export interface Facets {
  /**
   * By dataset.
   */
  dataset: Facet[];
  /**
   * Faults by their place; an item with several counts in each.
   */
  path: Facet[];
  /**
   * By reason.
   */
  reason: Facet[];
  /**
   * By stage.
   */
  stage: Facet[];
  /**
   * By state.
   */
  state: Facet[];
}
/**
 * Why members do not pass.
 */
export interface FailureCount {
  /**
   * How many members that is.
   */
  items: number;
  /**
   * The keyword of the schema; `step`, `edit` or `item` where no schema refuses.
   */
  keyword: string;
  /**
   * What is wrong with one of them, in words.
   */
  message: string | null;
  /**
   * Where, with `*` for every index.
   */
  path: string;
}
/**
 * The numbers of a title at one time.
 */
export interface Figures {
  /**
   * How many people call it a favourite.
   */
  favorites: number | null;
  /**
   * How many people have it on a list.
   */
  members: number | null;
  /**
   * Its place by members.
   */
  popularity: number | null;
  /**
   * Its place by score.
   */
  rank: number | null;
  /**
   * The mean of its votes, 1 to 10.
   */
  score: number | null;
  /**
   * How many voted.
   */
  scored_by: number | null;
}
/**
 * What a title is called, and what it is.
 */
export interface Named {
  /**
   * The address of a picture.
   */
  image: string | null;
  /**
   * The title's number in its catalogue.
   */
  mal_id: number;
  season: Season | null;
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
 * A response: what it says about itself, and what was asked for.
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
 * Faults of one kind: reason, place in the row, keyword of the schema.
 */
export interface Group {
  /**
   * The place in the schema.
   */
  detail: string;
  /**
   * When its first item died.
   */
  first_at: string;
  /**
   * When that was.
   */
  fixed_at: string | null;
  /**
   * The judge by which a replay of one of its items was stored.
   */
  fixed_by: string | null;
  /**
   * Its number; `group:7` finds its items.
   */
  group: number;
  /**
   * Whether replays of many items leave its items out.
   */
  hold: boolean;
  /**
   * The last hours with items, up to 48, the oldest first.
   */
  hours: Hour[];
  /**
   * Items that match the filter.
   */
  items: number;
  /**
   * The keyword of the schema.
   */
  keyword: string;
  /**
   * When its last item died.
   */
  last_at: string;
  /**
   * An address that somebody gave.
   */
  link: string | null;
  /**
   * What somebody noted.
   */
  note: string | null;
  /**
   * Those of them that need somebody: open, failed again or quarantined.
   */
  open: number;
  /**
   * Who takes care of it.
   */
  owner: string | null;
  /**
   * Where the fault is, with `*` for every index.
   */
  path: string;
  /**
   * Why its items were rejected.
   */
  reason: string;
  /**
   * When a row came here in spite of the fix.
   */
  regressed_at: string | null;
  /**
   * Those of them that have no other fault.
   */
  sole: number;
  /**
   * `new`, `acknowledged`, `fixed`, `regressed` or `muted`.
   */
  state: string;
  /**
   * How often people said something of it; a change names the one that its operator saw.
   */
  version: number;
}
/**
 * An hour with items.
 */
export interface Hour {
  /**
   * When it begins.
   */
  hour: string;
  /**
   * Items that first died in it.
   */
  items: number;
}
/**
 * What changes; what is left out stays, and `null` takes a text away.
 */
export interface GroupChange {
  /**
   * Whether somebody knows of it.
   */
  acknowledged?: boolean | null;
  /**
   * Whether replays of many items leave its items out.
   */
  hold?: boolean | null;
  /**
   * An address of the web.
   */
  link?: string | null;
  /**
   * Whether it is not to be told of any more.
   */
  muted?: boolean | null;
  /**
   * A note.
   */
  note?: string | null;
  /**
   * Who takes care of it.
   */
  owner?: string | null;
  /**
   * The group's version that the operator saw.
   */
  version: number;
}
/**
 * All groups.
 */
export interface Groups {
  /**
   * Whether all these numbers are exact; otherwise the newest items that match were counted, and there are more.
   */
  counts_are_exact: boolean;
  facets: Facets;
  /**
   * Those with items, the latest first.
   */
  groups: Group[];
  projection: Projection;
}
/**
 * How fresh everything here is.
 */
export interface Projection {
  audit: Progress | null;
  dlq: Progress | null;
}
/**
 * How far a stream is projected.
 */
export interface Progress {
  /**
   * When that was.
   */
  at: string;
  /**
   * Bytes in the stream.
   */
  bytes?: number | null;
  /**
   * When the stream was made, in ms since 1970.
   */
  epoch: number;
  /**
   * When it is full, at the pace of the last minutes; `null` while it does not grow, or below a tenth of its limit not steadily.
   */
  full_at?: string | null;
  /**
   * The stream's last message when that was.
   */
  last_seq: number;
  /**
   * Bytes that it may hold; nothing more is rejected into a full DLQ, and what is rejected waits.
   */
  max_bytes?: number | null;
  /**
   * Everything up to here is shown.
   */
  seq: number;
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
 * A page of the list.
 */
export interface Items {
  /**
   * The items.
   */
  items: Item[];
  /**
   * What the parameter `cursor` must hold for the next page; `null` on the last.
   */
  next_cursor: string | null;
  projection: Projection;
  /**
   * How many items match.
   */
  total: number;
  /**
   * Whether that many; otherwise there are at least so many.
   */
  total_is_exact: boolean;
}
/**
 * A plan that is being carried out.
 */
export interface Job {
  /**
   * `pause`, `resume` or `cancel`: asked for, not done yet.
   */
  asked: string | null;
  /**
   * How many go first, and have to be settled before the rest.
   */
  canary: number;
  counts: JobCounts;
  /**
   * When it was made.
   */
  created_at: string;
  /**
   * Who made it.
   */
  created_by: string;
  /**
   * When it ended.
   */
  ended_at: string | null;
  /**
   * Seconds until the last has its turn, at the rate it has; `null` while it does not run.
   */
  eta_seconds: number | null;
  /**
   * Its id.
   */
  job: string;
  /**
   * Items that match the plan's filter now and are no members; at most 10,001 are counted.
   */
  joined_since: number;
  /**
   * `pass`: the members that pass; `all`: those that do not, too.
   */
  members: string;
  /**
   * The plan.
   */
  plan: string;
  /**
   * Items a second.
   */
  rate: number;
  /**
   * Why.
   */
  reason: string;
  /**
   * Why some were left out, the most first, at most 20.
   */
  skips: Skip[];
  /**
   * When it began.
   */
  started_at: string | null;
  /**
   * `queued`, `canary`, `running`, `paused`, `cancelled`, `stopped` or `done`.
   */
  state: string;
  /**
   * The share of failures among the predicted passes that stops the job.
   */
  stop_share: number;
  /**
   * Why it is in its state.
   */
  words: string | null;
}
/**
 * What became of a job's members.
 */
export interface JobCounts {
  /**
   * Those that were rejected again.
   */
  failed: number;
  /**
   * The members that the job is about.
   */
  members: number;
  /**
   * Those whose replay is on its way.
   */
  published: number;
  /**
   * Those whose row is stored.
   */
  resolved: number;
  /**
   * Those that were left out.
   */
  skipped: number;
  /**
   * Those whose turn has not come.
   */
  waiting: number;
}
/**
 * Why members were left out.
 */
export interface Skip {
  /**
   * How many members that is.
   */
  members: number;
  /**
   * In words.
   */
  why: string;
}
/**
 * Jobs, the newest first.
 */
export interface Jobs {
  /**
   * The jobs.
   */
  jobs: Job[];
  /**
   * What the parameter `cursor` must hold for the next page; `null` on the last.
   */
  next_cursor: string | null;
}
/**
 * The way of one page, with the time of each step.
 */
export interface Journey {
  /**
   * Rows that passed the check.
   */
  accepted: number;
  /**
   * The archive file that has it too, once its day is over.
   */
  archive: string | null;
  /**
   * The instant that all pages of the run share.
   */
  captured_at: string;
  catalogue: Catalogue;
  /**
   * When they were committed to the database.
   */
  committed_at: string;
  /**
   * The contract they were judged by.
   */
  contract: string;
  /**
   * What was captured.
   */
  dataset: string;
  /**
   * Rows that were set aside as dead letters.
   */
  dead: number;
  /**
   * Rows that another page had already told.
   */
  duplicate: number;
  /**
   * The number of that edit among the actions on the dead letter; who made it, and why, is for those who are signed in.
   */
  edit: number | null;
  /**
   * When an operator edited what it replays; `null` where the bytes are the upstream's.
   */
  edited_at: string | null;
  /**
   * When the stream of raw pages was made, in ms since 1970.
   */
  epoch: number;
  /**
   * The program that judged its rows.
   */
  judge: string;
  /**
   * When its rows were judged.
   */
  judged_at: string;
  /**
   * Its number in the run, from 1.
   */
  page: number;
  /**
   * How many pages the run was to have.
   */
  pages_planned: number | null;
  /**
   * Rows on the page.
   */
  received: number;
  /**
   * The dead letter that it replays.
   */
  replay_root: string | null;
  row: JourneyRow | null;
  /**
   * The run it belongs to.
   */
  run: string;
  run_state: RunState;
  /**
   * The page's number in that stream.
   */
  seq: number;
  /**
   * Where the bytes came from.
   */
  source: string;
  /**
   * Observations that it owns.
   */
  stored: number;
  /**
   * When the stream of raw pages had it.
   */
  stored_at: string;
  /**
   * The trace of its way.
   */
  trace_id: string | null;
  /**
   * Where that trace can be seen, if it can.
   */
  trace_url: string | null;
  /**
   * The address that was asked.
   */
  url: string | null;
}
/**
 * A row of a page.
 */
export interface JourneyRow {
  /**
   * Where the row is on its page, from 0.
   */
  index: number;
  /**
   * The title's number in its catalogue.
   */
  mal_id: number;
  /**
   * Where it is in its run, from 0.
   */
  position: number;
}
/**
 * A response: what it says about itself, and what was asked for.
 */
export interface JourneyResponse {
  data: Journey;
  meta: Meta;
}
/**
 * The books.
 */
export interface Ledger {
  /**
   * Whether every row that was received is accounted for, and no other.
   */
  balanced: boolean;
  projection: Projection;
  /**
   * The runs that do not balance, the newest first, up to 100; or the one that was asked for.
   */
  runs: LedgerRun[];
  totals: LedgerTotals;
}
/**
 * The books of one run.
 */
export interface LedgerRun {
  /**
   * When.
   */
  captured_at: string;
  /**
   * What was captured.
   */
  dataset: string;
  /**
   * Dead rows that were given up.
   */
  dead_discarded: number;
  /**
   * Dead rows that are open, on their way as a replay or failed again.
   */
  dead_open: number;
  /**
   * Dead rows whose replays failed too often.
   */
  dead_quarantined: number;
  /**
   * Rows that another one had already told.
   */
  duplicate: number;
  /**
   * Rows that are dead or stored and were never received, or are both; the first 1,000.
   */
  extra: Place[];
  /**
   * Pages that came and are neither stored nor dead as a whole.
   */
  in_flight_pages: number;
  /**
   * Rows that were received and are neither stored nor dead, the first 1,000.
   */
  missing: Place[];
  /**
   * Rows on its pages.
   */
  received: number;
  /**
   * The run.
   */
  run: string;
  /**
   * Rows whose numbers are kept.
   */
  stored: number;
}
/**
 * A row of a page.
 */
export interface Place {
  /**
   * The page, from 1.
   */
  page: number;
  /**
   * The row, from 0.
   */
  row: number;
}
/**
 * The books of all runs together.
 */
export interface LedgerTotals {
  /**
   * Dead rows that were given up.
   */
  dead_discarded: number;
  /**
   * Dead rows that are open, on their way as a replay or failed again.
   */
  dead_open: number;
  /**
   * Dead rows whose replays failed too often.
   */
  dead_quarantined: number;
  /**
   * Rows that another one had already told.
   */
  duplicate: number;
  /**
   * Rows that are dead or stored and were never received, or are both.
   */
  extra: number;
  /**
   * Pages that came and are neither stored nor dead as a whole.
   */
  in_flight_pages: number;
  /**
   * Rows that were received and are neither stored nor dead.
   */
  missing: number;
  /**
   * Rows on their pages.
   */
  received: number;
  /**
   * Runs.
   */
  runs: number;
  /**
   * Rows whose numbers are kept.
   */
  stored: number;
}
/**
 * A member of a plan.
 */
export interface Member {
  /**
   * Whether it has changed since, other than by its own replay.
   */
  changed: boolean;
  /**
   * Why it does not pass.
   */
  faults: MemberFault[];
  /**
   * The number of its replay.
   */
  n: number | null;
  /**
   * `publishing`, `published`, `resolved`, `failed` or `skipped`; `null` before a job came to it.
   */
  outcome: string | null;
  /**
   * The item's root.
   */
  root: string;
  /**
   * Why it was skipped.
   */
  skipped: string | null;
  texts: MemberTexts | null;
  /**
   * The title, if it can be read.
   */
  title: string | null;
  /**
   * `pass` or `fail`; `null` before the judge said so.
   */
  verdict: string | null;
  /**
   * The item's version when the plan was frozen.
   */
  version: number;
}
/**
 * Why a member does not pass.
 */
export interface MemberFault {
  /**
   * The keyword of the schema.
   */
  keyword: string;
  /**
   * What is wrong, in words.
   */
  message: string | null;
  /**
   * JSON pointer into the text.
   */
  path: string;
}
/**
 * What the steps of a plan make of a text.
 */
export interface MemberTexts {
  /**
   * The text after them; `null` where one of them does not apply.
   */
  after: string | null;
  /**
   * The text before them.
   */
  before: string;
}
/**
 * Members by their roots.
 */
export interface Members {
  /**
   * The members.
   */
  members: Member[];
  /**
   * What the parameter `cursor` must hold for the next page; `null` on the last.
   */
  next_cursor: string | null;
}
/**
 * Which members of a plan are replayed, and how fast.
 */
export interface NewJob {
  /**
   * How many go first, and have to be settled before the rest.
   */
  canary?: number;
  /**
   * Replay a quarantined dead letter, too: only for a plan of that one.
   */
  force?: boolean;
  members: Which;
  /**
   * The plan.
   */
  plan: string;
  /**
   * Items a second.
   */
  rate?: number;
  /**
   * Why.
   */
  reason: string;
  /**
   * The share of failures among the predicted passes that stops the job.
   */
  stop_share?: number;
}
/**
 * Which items, and by what they are judged.
 */
export interface NewPlan {
  /**
   * Needed for an empty filter.
   */
  all?: boolean;
  /**
   * How many the operator expects; another number is refused.
   */
  expect?: number | null;
  /**
   * Which items, unless `roots` names them.
   */
  filter?: string | null;
  /**
   * The items one by one.
   */
  roots?: string[] | null;
  schema?: Candidate | null;
  /**
   * Changes to each text before it is judged: `set`, `remove`, `rename`, `cast`, `replace`. Needs the right `edit`.
   */
  steps?: {}[] | null;
}
/**
 * Another text.
 */
export interface NewText {
  /**
   * Whether a text is kept that still does not pass.
   */
  force?: boolean;
  /**
   * Why.
   */
  reason: string;
  /**
   * The whole text.
   */
  text: string;
  /**
   * The item's version that the operator saw.
   */
  version: number;
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
   * Whether an operator edited what the page was made from.
   */
  edited: boolean;
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
 * A dry run: frozen members and what a judge says of each.
 */
export interface Plan {
  /**
   * Accepted rows that were judged again.
   */
  accepted_checked: number | null;
  /**
   * Those of them that would fail now.
   */
  accepted_failing: number | null;
  /**
   * When it was made.
   */
  created_at: string;
  /**
   * Who made it.
   */
  created_by: string;
  /**
   * Whether that is the judge of the running schemas.
   */
  deployed: boolean | null;
  /**
   * Why it failed.
   */
  error: string | null;
  /**
   * Those that do not.
   */
  fails: number;
  /**
   * Why some do not pass, the most first.
   */
  failures: FailureCount[];
  /**
   * Which items became members; `roots:3` where three were named.
   */
  filter: string;
  /**
   * Those whose item has changed since, so that their verdict says nothing.
   */
  invalid: number;
  /**
   * Its members.
   */
  items: number;
  /**
   * Its newest job.
   */
  job: string | null;
  /**
   * Who gave the verdicts.
   */
  judge: string | null;
  /**
   * Those that pass.
   */
  passes: number;
  /**
   * Its id.
   */
  plan: string;
  /**
   * When it was ready.
   */
  ready_at: string | null;
  /**
   * Those that pass and can be replayed now: open or failed again, as the plan knows them, in no group that is held back.
   */
  replayable: number;
  /**
   * The schema that is not deployed, by which it judges.
   */
  schema: string | null;
  /**
   * `requested`, `running`, `ready` or `failed`.
   */
  state: string;
  /**
   * Changes to each text before it is judged.
   */
  steps: {}[] | null;
}
/**
 * Plans, the newest first.
 */
export interface Plans {
  /**
   * What the parameter `cursor` must hold for the next page; `null` on the last.
   */
  next_cursor: string | null;
  /**
   * The plans.
   */
  plans: Plan[];
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
   * The character of a filter that was wrong, from 1.
   */
  column?: number | null;
  /**
   * What was wrong, where, and what to do.
   */
  detail: string;
  /**
   * Why a text does not pass its schema.
   */
  faults?: PlacedFault[];
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
 * A response: what it says about itself, and what was asked for.
 */
export interface RunDaysResponse {
  data: RunDayList;
  meta: Meta;
}
/**
 * A response: what it says about itself, and what was asked for.
 */
export interface RunsResponse {
  data: RunList;
  meta: Meta;
}
/**
 * The deployed schemas.
 */
export interface Schemas {
  /**
   * The judge that they are.
   */
  judge: string;
  /**
   * Why what is in the folder of schemas cannot be used; the ones of before judge then. `null` where all is well.
   */
  trouble: string | null;
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
 * A response: what it says about itself, and what was asked for.
 */
export interface SeasonalTrendResponse {
  data: SeasonList;
  meta: Meta;
}
/**
 * The code of a sign-in link.
 */
export interface SignIn {
  /**
   * What stands in the link after `#`.
   */
  code: string;
}
/**
 * Who is signed in.
 */
export interface SignedIn {
  /**
   * What the header `X-CSRF-Token` must hold to change something; `null` with a token.
   */
  csrf: string | null;
  /**
   * Until when; `null` for a token without end.
   */
  expires_at: string | null;
  /**
   * The operator's name.
   */
  name: string;
  /**
   * What they may do: `read`, `act`, `edit`.
   */
  rights: string[];
}
/**
 * A title that moved like the one asked for.
 */
export interface SimilarTitle {
  /**
   * How alike the two are: the correlation of their scores in the weeks that both have, 0 to 1.
   */
  likeness: number;
  /**
   * The title's number in its catalogue.
   */
  mal_id: number;
  /**
   * The score of the title asked for in the same weeks since its own premiere.
   */
  own: (number | null)[];
  season: Season | null;
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
   * Its score in each week from the premiere to the last that both have.
   */
  weeks: (number | null)[];
  /**
   * The year of its premiere.
   */
  year: number | null;
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
 * A response: what it says about itself, and what was asked for.
 */
export interface SourcesResponse {
  data: SourceList;
  meta: Meta;
}
/**
 * Where a title stands in a weekly list of 100 places.
 */
export interface Standing {
  /**
   * Its place in the week before.
   */
  last_week: number | null;
  /**
   * Its best place.
   */
  peak: number | null;
  /**
   * The first week in which it had that place.
   */
  peak_week: string | null;
  /**
   * Its place in the newest week.
   */
  place: number | null;
  /**
   * How many weeks it had a place of 100 or better.
   */
  weeks: number;
}
/**
 * A genre, theme, demographic or studio.
 */
export interface Tag {
  /**
   * Its number in the catalogue.
   */
  id: number;
  /**
   * Its name.
   */
  name: string;
}
/**
 * The line of one title.
 */
export interface TitleDays {
  /**
   * Every UTC day from the first observed, or the first asked for, to that of the newest capture; empty where the title
   * was not observed.
   */
  days: TitleDay[];
  /**
   * The title's number in its catalogue.
   */
  mal_id: number;
}
/**
 * A response: what it says about itself, and what was asked for.
 */
export interface TitleDaysResponse {
  data: TitleDays;
  meta: Meta;
}
/**
 * A response: what it says about itself, and what was asked for.
 */
export interface TitleResponse {
  data: Title;
  meta: Meta;
}
/**
 * Titles that moved like one.
 */
export interface TitleSimilar {
  /**
   * The title's number in its catalogue.
   */
  mal_id: number;
  since: CountedSince | null;
  /**
   * The titles, the most alike first.
   */
  titles: SimilarTitle[];
}
/**
 * A response: what it says about itself, and what was asked for.
 */
export interface TitleSimilarResponse {
  data: TitleSimilar;
  meta: Meta;
}
/**
 * One title in one week, by its last known numbers.
 */
export interface TitleWeek {
  /**
   * How many people have it on a list.
   */
  members: number | null;
  /**
   * How many more than in the week before; `null` where either is not known.
   */
  members_gained: number | null;
  /**
   * Its place by members gained.
   */
  members_place: number | null;
  /**
   * Whether the title was observed: a week without is a gap, not a zero.
   */
  observed: boolean;
  /**
   * The mean of its votes, 1 to 10.
   */
  score: number | null;
  /**
   * Its place by score among the titles with at least 1,000 votes.
   */
  score_place: number | null;
  /**
   * The week's Monday.
   */
  week: string;
}
/**
 * The weeks of one title.
 */
export interface TitleWeeks {
  /**
   * The title's number in its catalogue.
   */
  mal_id: number;
  members_list: Standing;
  /**
   * Whether these weeks count every observation; else their places are about to change.
   */
  rolled_up: boolean;
  score_list: Standing;
  /**
   * Every week from the first observed to that of the newest capture; empty where the title was not observed.
   */
  weeks: TitleWeek[];
}
/**
 * A response: what it says about itself, and what was asked for.
 */
export interface TitleWeeksResponse {
  data: TitleWeeks;
  meta: Meta;
}
/**
 * What a search found.
 */
export interface Titles {
  /**
   * The titles, the best first: those of that name, then those whose name begins so, or holds it; last the guesses, whose
   * name is only like it. Among equals the one with most members.
   */
  titles: FoundTitle[];
}
/**
 * A response: what it says about itself, and what was asked for.
 */
export interface TitlesResponse {
  data: Titles;
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
 * A response: what it says about itself, and what was asked for.
 */
export interface TopAnimeResponse {
  data: TopAnime;
  meta: Meta;
}
/**
 * A text to be checked.
 */
export interface Unchecked {
  /**
   * The dataset that it is of.
   */
  dataset: string;
  /**
   * Whether it is a whole page, not one row.
   */
  page?: boolean;
  /**
   * The text.
   */
  text: string;
}
/**
 * Why something is done to an item.
 */
export interface Why {
  /**
   * Why.
   */
  reason: string;
  /**
   * The item's version that the operator saw.
   */
  version: number;
}
