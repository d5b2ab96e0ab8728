// What the operator's part of the API answers.
import type { ApiRequest } from "./queries.ts";

export type ItemState = "open" | "published" | "resolved" | "failed" | "quarantined" | "discarded";
export type Right = "read" | "act" | "edit";

export interface Session {
  name: string;
  rights: Right[];
  /** Null for a token, which needs none. */
  csrf: string | null;
  expires_at: string | null;
}

/** One place upstream that is dead: a row of a page, or a whole page. */
export interface Item {
  root: string;
  run: string;
  page: number;
  /** Null for a whole page. */
  row: number | null;
  stage: string;
  catalogue: string | null;
  source: string | null;
  dataset: string;
  first_at: string;
  last_at: string;
  mal_id: number | null;
  title: string | null;
  reason: string;
  pointer: string;
  message: string;
  judge: string;
  failures: number;
  edited: boolean;
  state: ItemState;
  resolved_at: string | null;
  resolved_by: string | null;
  /** The number of its facts: a command names the one that its writer saw. */
  version: number;
}

interface Progress {
  epoch: number;
  seq: number;
  last_seq: number;
  at: string;
}

/** How far the streams have been read. */
export interface Projection {
  dlq: Progress | null;
  audit: Progress | null;
}

export interface Items {
  items: Item[];
  next_cursor: string | null;
  total: number;
  total_is_exact: boolean;
  projection: Projection;
}

export type GroupState = "new" | "acknowledged" | "fixed" | "regressed" | "muted";

/** Faults of one kind: reason, place in the row, keyword of the schema. */
export interface Group {
  group: number;
  reason: string;
  path: string;
  keyword: string;
  detail: string;
  state: GroupState;
  first_at: string;
  last_at: string;
  items: number;
  open: number;
  sole: number;
  hold: boolean;
  note: string | null;
  link: string | null;
  owner: string | null;
  fixed_by: string | null;
  fixed_at: string | null;
  regressed_at: string | null;
  version: number;
  hours: { hour: string; items: number }[];
}

export type FacetKey = "state" | "reason" | "stage" | "dataset" | "path";

export interface Groups {
  groups: Group[];
  facets: Record<FacetKey, { value: string; items: number }[]>;
  projection: Projection;
}

/** What is wrong with a body, and where it stands in it. */
export interface Fault {
  path: string;
  keyword: string;
  schema_path?: string | null;
  message: string | null;
  line: number | null;
  column: number | null;
  /** Offsets in the bytes of the text. */
  start: number | null;
  end: number | null;
}

/** One message of DLQ. */
export interface Letter {
  dlq_id: string;
  epoch: number;
  seq: number;
  attempt: number;
  at: string;
  stage: string;
  reason: string;
  message: string;
  judge: string;
  deliveries: number | null;
  raw_epoch: number | null;
  raw_seq: number | null;
  trace_id: string | null;
  service: string | null;
}

/** What a person or the replayer did. */
export interface Action {
  id: number;
  at: string;
  actor: string;
  action: "replay" | "edit" | "revert" | "discard" | "restore" | "group" | "plan" | "job";
  root: string | null;
  version: number | null;
  n: number | null;
  plan: string | null;
  job: string | null;
  reason: string | null;
  detail: Readonly<Record<string, unknown>>;
  /** Whether AUDIT has it. */
  sent: boolean;
}

export interface ItemDetail {
  item: Item;
  /** The body as it is now; null where it is not UTF-8. */
  text: string | null;
  body_base64: string | null;
  /** The body as it came, where it has been edited. */
  original: string | null;
  size: number;
  faults: Fault[];
  schema: {
    name: string | null;
    hash: string | null;
    /** The schema's text, as far as it is known. */
    then: string | null;
    now: string | null;
    /** The part of it that the first fault broke. */
    rule_then: string | null;
    rule_now: string | null;
  };
  /** What the present schemas say of the body as it is now. */
  now: { passes: boolean; judge: string; faults: Fault[] };
  letters: Letter[];
  actions: Action[];
  headers: Readonly<Record<string, string>>;
  journey: { epoch: number; seq: number } | null;
  trace_url: string | null;
}

export interface Check {
  passes: boolean;
  judge: string;
  faults: Fault[];
}

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
