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
export type Item = Narrowed<
  Api.Item,
  { state: ItemState; correction: "waiting" | "published" | "failed" | null }
>;
export type Items = Narrowed<Api.Items, { items: Item[] }>;

export type GroupState = "new" | "acknowledged" | "fixed" | "regressed" | "muted";

/** Faults of one kind: reason, place in the row, keyword of the schema. */
export type Group = Narrowed<Api.Group, { state: GroupState }>;
export type Groups = Narrowed<Api.Groups, { groups: Group[] }>;
export type FacetKey = keyof Api.Facets;
export type { Letter, Projection, StoredEdit } from "./types.gen.ts";
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

export type Plan = Narrowed<Api.Plan, { state: "requested" | "running" | "ready" | "failed" }>;
type Plans = Narrowed<Api.Plans, { plans: Plan[] }>;

export type Member = Narrowed<
  Api.Member,
  {
    verdict: "pass" | "fail" | null;
    outcome: "publishing" | "published" | "resolved" | "failed" | "skipped" | null;
  }
>;
type Members = Narrowed<Api.Members, { members: Member[] }>;

export type JobState = "queued" | "canary" | "running" | "paused" | "cancelled" | "stopped" | "done";
export type Job = Narrowed<
  Api.Job,
  { members: "pass" | "all"; state: JobState; asked: "pause" | "resume" | "cancel" | null }
>;
type Jobs = Narrowed<Api.Jobs, { jobs: Job[] }>;
type Audit = Narrowed<Api.Audit, { actions: Action[] }>;

export type { LedgerRun, Place } from "./types.gen.ts";

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
  only: { verdict?: Text; outcome?: Text; cursor?: Text; texts?: "true" | undefined },
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

export const ledgerQuery = (run?: string): ApiRequest<Api.Ledger> => ({
  path: `${OPERATOR}ledger`,
  params: { run },
  everyMs: LIST_MS,
});
