// What stands over dead letters: how many wait, since when and why, and how far the projection is.
import type { FacetKey, Group, GroupState, Item, ItemState, Projection } from "../api/operator.ts";
import { DAY_MS, day, dayOf, time } from "../lib/dates.ts";
import { integer, pluralWord } from "../lib/format.ts";
import { visible } from "../lib/visible.ts";

/** The states in the order of an item's life, as people call them. */
export const STATES: readonly (readonly [state: ItemState, name: string])[] = [
  ["open", "Open"],
  ["published", "Replaying"],
  ["resolved", "Resolved"],
  ["failed", "Failed again"],
  ["quarantined", "Quarantined"],
  ["discarded", "Discarded"],
];

/** "failed again": a state within a sentence. */
export function stateName(state: ItemState): string {
  return (STATES.find(([one]) => one === state)?.[1] ?? state).toLowerCase();
}

/** States in which something can be done with many at once. */
const DOABLE: readonly string[] = ["open", "failed", "quarantined"];

/** Whether something can be done with many in one of these states; none is every state. */
export function isDoable(states: readonly string[]): boolean {
  return states.length === 0 || states.some((state) => DOABLE.includes(state));
}

/** Whether something can be done with an item among others: a correction that waits is replayed too. */
export function isItemDoable({ state, correction }: Pick<Item, "state" | "correction">): boolean {
  return isDoable([state]) || correction === "waiting" || correction === "failed";
}

const GROUP_STATES: Record<GroupState, string> = {
  new: "new",
  acknowledged: "seen",
  fixed: "fixed",
  regressed: "regressed",
  muted: "muted",
};

/** "fixed, 3 open": what is fixed may still have rows that wait for a replay. */
export function groupState({ state, open }: Pick<Group, "state" | "open">): string {
  const left = state === "fixed" && open > 0 ? `, ${integer(open)} open` : "";
  return GROUP_STATES[state] + left;
}

interface Counted {
  total: number;
  isExact: boolean;
  /** The states that are shown; empty for all. */
  states: readonly string[];
  /** Of the oldest item. */
  since: string | null;
  /** Kinds of faults: the groups. */
  faults: number;
  /** Whether more than the state is chosen. */
  isNarrowed: boolean;
}

const WORDS: Readonly<Record<ItemState, readonly [one: string, many: string]>> = {
  open: ["waits", "wait"],
  published: ["is being replayed", "are being replayed"],
  resolved: ["is resolved", "are resolved"],
  failed: ["failed again", "failed again"],
  quarantined: ["is quarantined", "are quarantined"],
  discarded: ["is discarded", "are discarded"],
};

/** "02:00" of today, "yesterday, 02:00" or "14 Dec 2026, 02:00": in UTC, which stands over the list. */
export function sinceWhen(value: string, now: Date, write = time): string {
  const clock = write(value).replace(" UTC", "");
  if (dayOf(value) === dayOf(now)) return clock;
  return `${dayOf(value) === dayOf(new Date(now.getTime() - DAY_MS)) ? "yesterday" : day(value)}, ${clock}`;
}

/** "900 rows wait since 02:00 UTC for one fault". */
export function headline(counted: Counted, now: Date): string {
  const { total, isExact, states, since, faults, isNarrowed } = counted;
  if (total === 0) return isNarrowed ? "No dead letter is like that" : noneOf(states);
  const state = states.length === 1 ? (states[0] as ItemState) : undefined;
  const words = state === undefined ? undefined : WORDS[state];
  const count = `${isExact ? "" : "About "}${integer(total)} ${total === 1 ? "row" : "rows"}`;
  const what = words ? `${count} ${words[total === 1 ? 0 : 1]}` : `${count} could not be stored`;
  const from = since && state === "open" ? ` since ${sinceWhen(since, now)} UTC` : "";
  return `${what}${from}${faults > 0 ? ` for ${pluralWord(faults, "fault")}` : ""}`;
}

function noneOf(states: readonly string[]): string {
  const [state] = states;
  if (states.length !== 1 || state === undefined) return "No dead letters";
  return state === "open" ? "No row waits" : `No row ${WORDS[state as ItemState]?.[0] ?? "is like that"}`;
}

/** The names of the ways to narrow the list, in their order. */
export const FACETS: readonly (readonly [key: FacetKey, name: string])[] = [
  ["reason", "Reason"],
  ["stage", "Stage"],
  ["dataset", "Dataset"],
  ["path", "Where"],
];

/** The terms that choose a group. Names outlive its number, which a rebuild changes. */
export function groupTerms({ group, reason, path, keyword }: Group): Readonly<Record<string, string>> {
  const isNamed = path !== "" && keyword !== "" && !path.endsWith("*");
  return isNamed ? { reason, path, keyword } : { group: String(group) };
}

/** An item's name: its title, or its place. */
export function itemName({ title, page, row }: Pick<Item, "title" | "page" | "row">): string {
  if (title) return visible(title);
  return row === null ? `Page ${page}` : `Row ${row + 1} of page ${page}`;
}

/** "row 14 of page 3, top.score": people count from one. */
export function itemPlace({ page, row, dataset }: Pick<Item, "page" | "row" | "dataset">): string {
  const where = row === null ? `page ${page}` : `row ${integer(row + 1)} of page ${page}`;
  return `${where}, ${visible(dataset)}`;
}

/** What the projection has not read yet; `null` while it is up to date. */
export function projectionWords(projection: Projection | undefined): string | null {
  const { dlq, audit } = projection ?? {};
  const late = [dlq && { ...dlq, name: "DLQ" }, audit && { ...audit, name: "AUDIT" }].filter(
    (one) => one && one.seq < one.last_seq,
  );
  const [one] = late;
  return one
    ? `The projection is at ${one.name} ${integer(one.seq)} of ${integer(one.last_seq)}: the counts are behind.`
    : null;
}

/** The hours of the last day up to the newest, oldest first, each with how many items came in it. */
export function lastHours(hours: Group["hours"], now: Date, count = 24): number[] {
  const last = Math.floor(now.getTime() / 3_600_000);
  const counts = new Map(hours.map(({ hour, items }) => [Math.floor(Date.parse(hour) / 3_600_000), items]));
  return Array.from({ length: count }, (_, index) => counts.get(last - count + 1 + index) ?? 0);
}

/** "02:03 to 04:14", with days where they are not today's. */
export function spanWords(first: string, last: string, now: Date): string {
  const [from, to] = [sinceWhen(first, now), sinceWhen(last, now)];
  if (from === to) return from;
  return dayOf(first) === dayOf(last) ? `${from} to ${sinceWhen(last, new Date(last))}` : `${from} to ${to}`;
}

/** "One row is discarded": what stands over an item alone. */
export function itemHeadline({ state, row }: Pick<Item, "state" | "row">): string {
  return `One ${row === null ? "page" : "row"} ${WORDS[state][0]}`;
}
