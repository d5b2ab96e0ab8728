// The address is the view: every choice is a search parameter. What is unknown or wrong falls back, and never throws.
import type { Kind, Selection, Since } from "../api/queries.ts";
import type { Statistic } from "../findings/seasons.ts";
import { SCRIPTS, type Script } from "../lib/titles.ts";

export const CHARTS = ["lead", "top", "genres", "seasons"] as const;
export type ChartId = (typeof CHARTS)[number];

/** Choices as they stand in the address; a default is left out. */
export interface OverviewSearch extends Selection {
  names?: Script | undefined;
  since?: Since | undefined;
  kind?: Kind | undefined;
  measure?: "titles" | undefined;
  score?: "median" | undefined;
  members?: "median" | undefined;
  seasons?: "all" | undefined;
  /** Charts with an open table, separated by dots. */
  table?: string | undefined;
}

const INSTANT = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2}))?$/;
const MAX_SOURCE = 200;

function among<Value extends string>(value: unknown, allowed: readonly Value[]): Value | undefined {
  return allowed.find((one) => one === value);
}

function instant(value: unknown): string | undefined {
  return typeof value === "string" && INSTANT.test(value) && !Number.isNaN(Date.parse(value))
    ? value
    : undefined;
}

function source(value: unknown): string | undefined {
  return typeof value === "string" && value.length > 0 && value.length <= MAX_SOURCE ? value : undefined;
}

/** What an address names. */
export function readSearch(raw: Record<string, unknown>): OverviewSearch {
  const table = openTables({ table: typeof raw.table === "string" ? raw.table : undefined });
  const read: OverviewSearch = {
    catalogue: among(raw.catalogue, ["mal", "sample"]),
    source: source(raw.source),
    as_of: instant(raw.as_of),
    names: among(raw.names, SCRIPTS.slice(1)),
    since: among<Since>(raw.since, ["capture", "day", "week"]),
    kind: among(raw.kind, ["theme", "demographic", "studio"]),
    measure: among(raw.measure, ["titles"]),
    score: among<Statistic & "median">(raw.score, ["median"]),
    members: among(raw.members, ["median"]),
    seasons: among(raw.seasons, ["all"]),
    table: table.length > 0 ? table.join(".") : undefined,
  };
  return Object.fromEntries(Object.entries(read).filter(([, value]) => value !== undefined));
}

/** The charts whose table is open, in the page's order. */
export function openTables(search: Pick<OverviewSearch, "table">): ChartId[] {
  const tables = search.table?.split(".") ?? [];
  return CHARTS.filter((id) => tables.includes(id));
}

/** The address after opening or closing one chart's table. */
export function toggleTable(search: OverviewSearch, id: ChartId): OverviewSearch {
  const open = openTables(search);
  const next = CHARTS.filter((one) => (one === id ? !open.includes(one) : open.includes(one)));
  return { ...search, table: next.length > 0 ? next.join(".") : undefined };
}

/** Which captures the address names. */
export function selectionOf({ catalogue, source: from, as_of }: OverviewSearch): Selection {
  return { catalogue, source: from, as_of };
}

/** What the text of an address names; the router sees nothing else of it. */
export function parse(text: string): OverviewSearch {
  return readSearch(Object.fromEntries(new URLSearchParams(text)));
}

/** The pairs as text, `?` and all; those without a value are left out. */
export function stringify(search: Record<string, unknown>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(search)) {
    if (typeof value === "string" && value !== "") query.set(name, value);
  }
  const text = query.toString();
  return text ? `?${text}` : "";
}
