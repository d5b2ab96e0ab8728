// What an operator can have done: each command is a request as data, which `useCommand` sends.
import { type Step, stepsJson } from "../lib/steps.ts";
import {
  type Check,
  type Group,
  type Item,
  type Job,
  OPERATOR,
  type Plan,
  type Session,
  type StoredEdit,
} from "./operator.ts";

/** A request that changes something. */
export interface Command<Result> {
  method: "POST" | "PATCH" | "DELETE";
  path: string;
  /** As text where it is JSON already. */
  body?: object | string;
  /** Never read: the shape of the answer. */
  result?: Result;
}

/** One item as its operator saw it, and why. */
export interface Because {
  version: number;
  reason: string;
}

const post = <Result>(path: string, body: object | string = {}): Command<Result> => ({
  method: "POST",
  path: OPERATOR + path,
  body,
});

const onItem = (root: string, what: string, body: object) =>
  post<{ item: Item }>(`dead-letters/${encodeURIComponent(root)}/${what}`, body);

export const signIn = (code: string) => post<Session>("session", { code });

export const signOut = (): Command<null> => ({ method: "DELETE", path: `${OPERATOR}session` });

export const discard = (root: string, because: Because) => onItem(root, "discard", because);
export const restore = (root: string, because: Because) => onItem(root, "restore", because);
export const revert = (root: string, because: Because) => onItem(root, "revert", because);
export const edit = (root: string, text: string, because: Because, force = false) =>
  onItem(root, "edit", force ? { ...because, text, force } : { ...because, text });

/** The row in RAW whose text is corrected, as its operator saw it. */
type Seen = Pick<StoredEdit, "epoch" | "seq">;

export const correct = (root: string, text: string, { epoch, seq }: Seen, because: Because, force = false) =>
  onItem(root, "correct", { ...because, text, stored: { epoch, seq }, ...(force ? { force } : {}) });

/** An empty filter means everything, and is to be said twice. */
const allOf = (filter: string) => (filter === "" ? { all: true } : {});

/** How many of those that match can be discarded: what is decided already stays as it is. */
export const countDiscardable = (filter: string) =>
  post<{ matching: number }>("dead-letters/discard", { filter, ...allOf(filter) });

export const discardAll = (filter: string, expect: number, reason: string) =>
  post<{ discarded: number }>("dead-letters/discard", { filter, expect, reason, ...allOf(filter) });

export const check = (dataset: string, text: string, page: boolean) =>
  post<Check>("dead-letters/check", { dataset, text, page });

export interface GroupChange {
  acknowledged?: boolean;
  muted?: boolean;
  hold?: boolean;
  note?: string | null;
  link?: string | null;
  owner?: string | null;
}

export const changeGroup = ({ group, version }: Group, change: GroupChange): Command<Group> => ({
  method: "PATCH",
  path: `${OPERATOR}dead-letters/groups/${group}`,
  body: { version, ...change },
});

/** A schema that is not deployed yet. */
export interface Draft {
  name: string;
  text: string;
}

/** What a dry run judges by, and what it changes first. */
export interface Trial {
  schema: Draft | null;
  steps: readonly Step[];
}

const AS_IT_IS: Trial = { schema: null, steps: [] };

function plan(members: object, { schema, steps }: Trial): Command<Plan> {
  const text = JSON.stringify(schema ? { ...members, schema } : members);
  return post("plans", steps.length > 0 ? `${text.slice(0, -1)},"steps":${stepsJson(steps)}}` : text);
}

export const planOf = (filter: string, expect: number | null, trial: Trial) =>
  plan({ filter, expect, ...allOf(filter) }, trial);

export const planOfRoots = (roots: readonly string[], trial = AS_IT_IS) =>
  plan({ roots, expect: roots.length }, trial);

export interface JobSettings {
  members: "pass" | "all";
  /** Replays a quarantined item: only for a plan of that one. */
  force?: true;
  rate: number;
  canary: number;
  stop_share: number;
  reason: string;
}

export const startJob = (plan: string, settings: JobSettings) => post<Job>("jobs", { plan, ...settings });

export const steerJob = (job: string, how: "pause" | "resume" | "cancel") => post<Job>(`jobs/${job}/${how}`);
