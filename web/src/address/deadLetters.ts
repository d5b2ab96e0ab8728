import { among, defined, type RawSearch, readShared, type SharedSearch, stringify } from "./shared.ts";

/** What waits for somebody. */
const WAITING = "state:open";
/** In the address, an empty filter: everything. */
const ANY = "any";

const MAX_FILTER = 2_000;
const MAX_ROOT = 300;
const MAX_STEPS = 30_000;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export interface DeadLettersSearch extends SharedSearch {
  /** What is shown, in the language of filters; what is open where it is left out, and all where it is `any`. */
  filter?: string | undefined;
  /** The root of the open item. */
  item?: string | undefined;
  /** The dry run shown beside the list. */
  plan?: string | undefined;
  /** Changes to the texts, before a dry run judges them. */
  steps?: string | undefined;
}

/** The choices of the list. */
export const readDeadLetters = (raw: RawSearch): DeadLettersSearch =>
  defined<DeadLettersSearch>({
    ...readShared(raw),
    filter: text(raw.filter, MAX_FILTER),
    item: text(raw.item, MAX_ROOT),
    plan: uuid(raw.plan),
    steps: text(raw.steps, MAX_STEPS),
  });

/** The filter that an address means. */
export function filterOf({ filter = WAITING }: DeadLettersSearch): string {
  return filter === ANY ? "" : filter;
}

/** A filter as the address has it. */
export function asFilter(filter: string): string | undefined {
  const written = filter.trim();
  return written === WAITING ? undefined : written || ANY;
}

export interface PlanSearch extends SharedSearch {
  /** Which members are listed; those that fail where it is left out. */
  members?: "pass" | "all" | undefined;
}

/** The choices of a plan's page. */
export const readPlan = (raw: RawSearch): PlanSearch =>
  defined<PlanSearch>({ ...readShared(raw), members: among(raw.members, ["pass", "all"]) });

export interface AuditSearch extends SharedSearch {
  root?: string | undefined;
  job?: string | undefined;
  actor?: string | undefined;
}

/** The choices of the audit. */
export const readAudit = (raw: RawSearch): AuditSearch =>
  defined<AuditSearch>({
    ...readShared(raw),
    root: text(raw.root, MAX_ROOT),
    job: uuid(raw.job),
    actor: text(raw.actor, MAX_ROOT),
  });

export interface LedgerSearch extends SharedSearch {
  run?: string | undefined;
}

/** The choices of the ledger. */
export const readLedger = (raw: RawSearch): LedgerSearch =>
  defined<LedgerSearch>({ ...readShared(raw), run: uuid(raw.run) });

function text(value: unknown, most: number): string | undefined {
  return typeof value === "string" && value.trim() !== "" && value.length <= most ? value : undefined;
}

function uuid(value: unknown): string | undefined {
  return typeof value === "string" && UUID.test(value) ? value : undefined;
}

const BASE = "/dead-letters";

/** The address of the list. */
export function deadLettersPath(
  filter: string = WAITING,
  more: Pick<DeadLettersSearch, "item" | "plan" | "steps"> = {},
): string {
  return `${BASE}${stringify({ filter: asFilter(filter), ...more })}`;
}

/** The address of one item alone. */
export function itemPath(root: string): string {
  return `${BASE}/items/${encodeURIComponent(root)}`;
}

/** The address of a dry run. */
export function planPath(plan: string, members?: PlanSearch["members"]): string {
  return `${BASE}/plans/${plan}${stringify({ members })}`;
}

/** The address of a replay. */
export function jobPath(job: string): string {
  return `${BASE}/jobs/${job}`;
}

/** The address of all replays. */
export const JOBS_PATH = `${BASE}/jobs`;

/** The address of what people did. */
export function auditPath(only: Pick<AuditSearch, "root" | "job" | "actor"> = {}): string {
  return `${BASE}/audit${stringify(only)}`;
}

/** The address of the ledger. */
export function ledgerPath(run?: string): string {
  return `${BASE}/ledger${stringify({ run })}`;
}
