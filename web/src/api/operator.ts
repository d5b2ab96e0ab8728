// What the operator's part of the API answers.
import type { ApiRequest } from "./queries.ts";
import type * as Api from "./types.gen.ts";

/** The type that the API's document gives, with the words of a closed list where that only says text. */
type Narrowed<Whole, Part extends { [Key in keyof Part]: Key extends keyof Whole ? unknown : never }> = Omit<
  Whole,
  keyof Part
> &
  Part;

export type ItemState = "open" | "published" | "resolved" | "failed" | "quarantined" | "discarded";
export type Right = "read" | "act" | "edit";

export type Session = Narrowed<Api.SignedIn, { rights: Right[] }>;

/** One place upstream that is dead: a row of a page, or a whole page. */
export type Item = Narrowed<Api.Item, { state: ItemState }>;
export type Items = Narrowed<Api.Items, { items: Item[] }>;

export type GroupState = "new" | "acknowledged" | "fixed" | "regressed" | "muted";

/** Faults of one kind: reason, place in the row, keyword of the schema. */
export type Group = Narrowed<Api.Group, { state: GroupState }>;
export type Groups = Narrowed<Api.Groups, { groups: Group[] }>;
export type FacetKey = keyof Api.Facets;
export type { Letter, Projection } from "./types.gen.ts";
export type Fault = Api.PlacedFault;
export type Check = Api.Verdict;

/** What a person or the replayer did. */
export type Action = Narrowed<
  Api.Action,
  {
    action: "replay" | "edit" | "revert" | "discard" | "restore" | "group" | "plan" | "job";
    detail: Readonly<Record<string, unknown>>;
  }
>;

export type ItemDetail = Narrowed<
  Api.Detail,
  { item: Item; actions: Action[]; headers: Readonly<Record<string, string>> }
>;

export interface Plan {
  plan: string;
  created_at: string;
  created_by: string;
  filter: string;
  schema: string | null;
  steps: readonly object[] | null;
  state: "requested" | "running" | "ready" | "failed";
  error: string | null;
  judge: string | null;
  deployed: boolean | null;
  ready_at: string | null;
  items: number;
  passes: number;
  fails: number;
  /** Members whose item has changed since. */
  invalid: number;
  failures: { path: string; keyword: string; message: string | null; items: number }[];
  accepted_checked: number | null;
  accepted_failing: number | null;
  job: string | null;
}

interface Plans {
  plans: Plan[];
  next_cursor: string | null;
}

export interface Member {
  root: string;
  title: string | null;
  version: number;
  changed: boolean;
  verdict: "pass" | "fail" | null;
  faults: { path?: string; instance_path?: string; keyword: string; message?: string | null }[] | null;
  outcome: "publishing" | "published" | "resolved" | "failed" | "skipped" | null;
  skipped: string | null;
  n: number | null;
}

export interface Members {
  members: Member[];
  next_cursor: string | null;
}

export type JobState = "queued" | "canary" | "running" | "paused" | "cancelled" | "stopped" | "done";

export interface Job {
  job: string;
  plan: string;
  created_at: string;
  created_by: string;
  reason: string;
  members: "pass" | "all";
  rate: number;
  canary: number;
  stop_share: number;
  state: JobState;
  asked: "pause" | "resume" | "cancel" | null;
  words: string | null;
  started_at: string | null;
  ended_at: string | null;
  counts: {
    members: number;
    waiting: number;
    published: number;
    resolved: number;
    failed: number;
    skipped: number;
  };
  eta_seconds: number | null;
  /** Items that match the plan's filter now and are no members. */
  joined_since: number;
}

export interface Jobs {
  jobs: Job[];
  next_cursor: string | null;
}

export interface Audit {
  actions: Action[];
  next_cursor: string | null;
  unsent: number;
}

export interface Place {
  page: number;
  row: number | null;
}

export interface LedgerRun {
  run: string;
  dataset: string;
  captured_at: string;
  received: number;
  stored: number;
  duplicate: number;
  dead_open: number;
  dead_quarantined: number;
  dead_discarded: number;
  in_flight_pages: number;
  missing: Place[];
  extra: Place[];
}

export interface Ledger {
  balanced: boolean;
  /** Those that do not balance, or the one asked for. */
  runs: LedgerRun[];
  totals: Readonly<Record<string, number>>;
}

/** Everything under it is an operator's, and forgotten when they leave. */
export const OPERATOR = "operator/";

/** While somebody watches a thing that changes by itself. */
const WATCH_MS = 1_000;
const LIST_MS = 10_000;

type Text = string | undefined;

export const sessionQuery = (): ApiRequest<Session> => ({ path: `${OPERATOR}session`, params: {} });

export const itemsQuery = (
  filter: string,
  page: { limit?: number; cursor?: string | undefined; order?: "oldest" | undefined } = {},
): ApiRequest<Items> => ({
  path: `${OPERATOR}dead-letters`,
  params: { filter, limit: page.limit ?? 50, cursor: page.cursor, order: page.order },
  everyMs: LIST_MS,
});

export const groupsQuery = (filter: string): ApiRequest<Groups> => ({
  path: `${OPERATOR}dead-letters/groups`,
  params: { filter },
  everyMs: LIST_MS,
});

const itemPath = (root: string) => `${OPERATOR}dead-letters/${encodeURIComponent(root)}`;

export const itemQuery = (root: string): ApiRequest<ItemDetail> => ({
  path: itemPath(root),
  params: {},
  everyMs: LIST_MS,
});

/** The address of the original bytes. */
export const bodyAddress = (root: string) => `/api/v1/${itemPath(root)}/body`;

/** A plan, watched until it is ready. */
export const planQuery = (plan: string, isReady: boolean): ApiRequest<Plan> => ({
  path: `${OPERATOR}plans/${plan}`,
  params: {},
  everyMs: isReady ? LIST_MS : WATCH_MS,
});

export const plansQuery = (): ApiRequest<Plans> => ({
  path: `${OPERATOR}plans`,
  params: { limit: 20 },
  everyMs: LIST_MS,
});

export const membersQuery = (
  plan: string,
  only: { verdict?: Text; outcome?: Text; cursor?: Text },
): ApiRequest<Members> => ({
  path: `${OPERATOR}plans/${plan}/members`,
  params: { limit: 50, ...only },
  everyMs: LIST_MS,
});

export const jobsQuery = (cursor?: string): ApiRequest<Jobs> => ({
  path: `${OPERATOR}jobs`,
  params: { limit: 50, cursor },
  everyMs: LIST_MS,
});

/** A job, watched until it has ended. */
export const jobQuery = (job: string, isOver: boolean): ApiRequest<Job> => ({
  path: `${OPERATOR}jobs/${job}`,
  params: {},
  everyMs: isOver ? LIST_MS : WATCH_MS,
});

export const auditQuery = (only: {
  root?: Text;
  job?: Text;
  actor?: Text;
  cursor?: Text;
}): ApiRequest<Audit> => ({
  path: `${OPERATOR}audit`,
  params: { limit: 50, ...only },
  everyMs: LIST_MS,
});

export const ledgerQuery = (run?: string): ApiRequest<Ledger> => ({
  path: `${OPERATOR}ledger`,
  params: { run },
  everyMs: LIST_MS,
});
