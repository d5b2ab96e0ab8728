// What an operator can have done: each command is a request as data, which `useCommand` sends.
import {
  type Check,
  type Group,
  type Item,
  type Job,
  OPERATOR,
  type Plan,
  type Session,
} from "./operator.ts";

/** A request that changes something. */
export interface Command<Result> {
  method: "POST" | "PATCH" | "DELETE";
  path: string;
  body?: object;
  /** Never read: the shape of the answer. */
  result?: Result;
}

/** One item as its operator saw it, and why. */
export interface Because {
  version: number;
  reason: string;
}

const post = <Result>(path: string, body: object = {}): Command<Result> => ({
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

/** An empty filter means everything, and is to be said twice. */
const allOf = (filter: string) => (filter === "" ? { all: true } : {});

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

const withSchema = (schema: Draft | null) => (schema ? { schema } : {});

export const planOf = (filter: string, expect: number | null, schema: Draft | null) =>
  post<Plan>("plans", { filter, expect, ...allOf(filter), ...withSchema(schema) });

export const planOfRoots = (roots: readonly string[], schema: Draft | null = null) =>
  post<Plan>("plans", { roots, expect: roots.length, ...withSchema(schema) });

export interface JobSettings {
  members: "pass" | "all";
  rate: number;
  canary: number;
  stop_share: number;
  reason: string;
}

export const startJob = (plan: string, settings: JobSettings) => post<Job>("jobs", { plan, ...settings });

export const steerJob = (job: string, how: "pause" | "resume" | "cancel") => post<Job>(`jobs/${job}/${how}`);
