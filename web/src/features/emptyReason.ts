// Why there is nothing to draw, and the next step.
import type { SharedSearch } from "../address/shared.ts";
import type { Meta, RunsResponse } from "../api/types.gen.ts";
import { day, dayOf } from "../lib/dates.ts";

export interface EmptyReason {
  reason: string;
  hint: string;
  action?: { name: string; change: Partial<SharedSearch> };
}

/** The reason for a response without rows. `what` is what was requested: "ranking". */
export function emptyReason(meta: Meta, search: SharedSearch, what: string): EmptyReason {
  const first = meta.first_captured_at;
  if (first && isBefore(first, search)) {
    return {
      reason: `Nothing was observed before ${day(first)}.`,
      hint: "Kansoku began to look on that day.",
      action: { name: `Show ${day(first)}`, change: { as_of: dayOf(first) } },
    };
  }
  if (search.source) {
    return {
      reason: `No ${what} came from ${search.source}.`,
      hint: "Other sources of this catalogue may have one.",
      action: { name: "Show all sources", change: { source: undefined } },
    };
  }
  if (!first) {
    return {
      reason: "This catalogue has no capture yet.",
      hint: "It fills as soon as the first page is fetched or imported.",
    };
  }
  const hint = `Other lists have been, since ${day(first)}.`;
  if (!search.as_of) return { reason: `No ${what} has been captured yet.`, hint };
  return {
    reason: `No ${what} had been captured by ${day(search.as_of)}.`,
    hint,
    action: { name: "Show the newest", change: { as_of: undefined } },
  };
}

/** The reason for a page that can have no rows anywhere, to be said once; `null` where a chart may have some. */
export function emptyPageReason({ data, meta }: RunsResponse, search: SharedSearch): EmptyReason | null {
  const first = meta.first_captured_at;
  if (data.length > 0 || (first && !isBefore(first, search))) return null;
  return emptyReason(meta, search, "capture");
}

function isBefore(first: string, { as_of }: SharedSearch): boolean {
  return as_of !== undefined && Date.parse(as_of) < Date.parse(first);
}
