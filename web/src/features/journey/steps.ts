// A stored page's way in words: what it is, and when each step took it on.
import type { Journey } from "../../api/types.gen.ts";
import { exactInstant } from "../../lib/dates.ts";
import { integer } from "../../lib/format.ts";
import { span } from "../../lib/spans.ts";

export interface Step {
  name: string;
  at: { iso: string; text: string };
  /** How long after the step before it; `null` for the first. */
  after: string | null;
  note: string | null;
}

/** "page 2 of 41". */
export function messageOf({ page, pages_planned }: Journey): string {
  return pages_planned === null ? `page ${page}` : `page ${page} of ${pages_planned}`;
}

/** "number 12 in the page, 38 in the run": people count from one. */
export function rowOf({ index, position }: NonNullable<Journey["row"]>): string {
  return `number ${integer(index + 1)} in the page, ${integer(position + 1)} in the run`;
}

/** From the upstream's answer to the commit, in the order of the pipeline. */
export function stepsOf(journey: Journey): Step[] {
  const times: [name: string, at: string, note: string | null][] = [
    ["Captured", journey.captured_at, null],
    ["Stored in RAW", journey.stored_at, null],
    ["Validated", journey.judged_at, countsOf(journey)],
    ["Committed", journey.committed_at, "visible from then on"],
  ];
  return times.map(([name, iso, note], index) => {
    const before = times[index - 1]?.[1];
    const after = before === undefined ? null : span(Date.parse(iso) - Date.parse(before));
    return { name, at: { iso, text: exactInstant(iso) }, after, note };
  });
}

function countsOf({ received, accepted, dead }: Journey): string {
  const rejected = dead > 0 ? `, ${integer(dead)} to the dead letters` : "";
  return `${integer(accepted)} of ${integer(received)} rows accepted${rejected}`;
}
