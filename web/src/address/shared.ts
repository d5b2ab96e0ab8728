// The address is the view: every choice is a search parameter. What is unknown or wrong falls back, and never throws.
import type { Selection } from "../api/queries.ts";
import type { Sort } from "../lib/sort.ts";
import { SCRIPTS, type Script } from "../lib/titles.ts";

/** What every page's address may name, and every link keeps. */
export interface SharedSearch extends Selection {
  names?: Script | undefined;
}

/** A page's schema: what the parameters of an address name. A default is left out. */
export type ReadSearch<Search extends SharedSearch> = (raw: RawSearch) => Search;
export type RawSearch = Readonly<Record<string, unknown>>;

const INSTANT = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2}))?$/;
const MAX_SOURCE = 200;

/** The value where it is one of those allowed. */
export function among<Value extends string>(value: unknown, allowed: readonly Value[]): Value | undefined {
  return allowed.find((one) => one === value);
}

/** A day or an instant that exists. */
function instant(value: unknown): string | undefined {
  return typeof value === "string" && INSTANT.test(value) && !Number.isNaN(Date.parse(value))
    ? value
    : undefined;
}

/** A day that exists. */
export function day(value: unknown): string | undefined {
  const read = instant(value);
  return read?.length === "2026-01-01".length ? read : undefined;
}

function source(value: unknown): string | undefined {
  return typeof value === "string" && value.length > 0 && value.length <= MAX_SOURCE ? value : undefined;
}

/** The parameters of every page. */
export const readShared = (raw: RawSearch): SharedSearch =>
  defined({
    catalogue: among(raw.catalogue, ["mal", "sample"]),
    source: source(raw.source),
    as_of: instant(raw.as_of),
    names: among(raw.names, SCRIPTS.slice(1)),
  });

/** Those with a value. */
export function defined<Search extends object>(search: Search): Search {
  return Object.fromEntries(Object.entries(search).filter(([, value]) => value !== undefined)) as Search;
}

/** Which captures the address names. */
export function selectionOf({ catalogue, source: from, as_of }: SharedSearch): Selection {
  return { catalogue, source: from, as_of };
}

/** The charts whose table is open, separated by dots in the address, in the page's order. */
export function openTables<Id extends string>(charts: readonly Id[], table: unknown): Id[] {
  const tables = typeof table === "string" ? table.split(".") : [];
  return charts.filter((id) => tables.includes(id));
}

/** The open tables as they stand in the address. */
export function readTables(charts: readonly string[], table: unknown): string | undefined {
  return openTables(charts, table).join(".") || undefined;
}

/** The open tables after opening or closing one. */
export function toggleTable(
  charts: readonly string[],
  table: string | undefined,
  id: string,
): string | undefined {
  const open = openTables(charts, table);
  return (
    charts.filter((one) => (one === id ? !open.includes(one) : open.includes(one))).join(".") || undefined
  );
}

/** The order of a chart's table as the address has it; `null` where it says nothing of it. */
export function sortIn(sorts: unknown, id: string): Sort | null {
  const own = sortsIn(sorts).find(([chart]) => chart === id);
  return own ? own[1] : null;
}

/** The orders of some charts' tables as they stand in the address: "genres_-members.top_votes"; a minus is descending. */
export function readSorts(charts: readonly string[], sorts: unknown): string | undefined {
  const known = sortsIn(sorts).filter(([chart]) => charts.includes(chart));
  return known.map(([chart, sort]) => sortText(chart, sort)).join(".") || undefined;
}

/** The orders after a change of one, `null` for that which nobody chose. */
export function changeSort(sorts: unknown, id: string, sort: Sort | null): string | undefined {
  const others = sortsIn(sorts).filter(([chart]) => chart !== id);
  const all = sort ? [...others, [id, sort] as const] : others;
  return all.map(([chart, one]) => sortText(chart, one)).join(".") || undefined;
}

const SORT = /^([a-z]+)_(-?)([a-z0-9_]+)$/;

function sortsIn(sorts: unknown): [chart: string, sort: Sort][] {
  const found = (typeof sorts === "string" ? sorts.split(".") : []).flatMap((text): [string, Sort][] => {
    const [, chart, minus, column] = SORT.exec(text) ?? [];
    if (!chart || !column) return [];
    return [[chart, { column, direction: minus ? "descending" : "ascending" }]];
  });
  return [...new Map(found)];
}

function sortText(chart: string, { column, direction }: Sort): string {
  return `${chart}_${direction === "descending" ? "-" : ""}${column}`;
}

/** The parameters in the text of an address. */
export function parse(text: string): RawSearch {
  return Object.fromEntries(new URLSearchParams(text));
}

/** The parameters as text, `?` and all; those without a value are left out. */
export function stringify(search: object): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(search)) {
    if (typeof value === "string" && value !== "") query.set(name, value);
  }
  const text = query.toString();
  return text ? `?${text}` : "";
}
