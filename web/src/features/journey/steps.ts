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

/** "page 2 of 41", or "the replay of row 11 of page 2": people count from one. */
export function messageOf(journey: Journey): string {
  const { page, pages_planned } = journey;
  const row = replayedRow(journey);
  if (row !== null) return `the replay of row ${integer(row + 1)} of page ${page}`;
  return pages_planned === null ? `page ${page}` : `page ${page} of ${pages_planned}`;
}

/** The row that the message brings again; `null` where it is a page, for the first time or again. */
function replayedRow({ replay_root: root }: Journey): number | null {
  const row = root?.split(":")[2] ?? "page";
  return /^\d+$/.test(row) ? Number(row) : null;
}

/** "25 rows received, 24 accepted, 1 rejected"; of a row, which was received with its page, what became of it. */
export function becameOf(journey: Journey): string {
  const { received, accepted, stored, duplicate, dead } = journey;
  if (replayedRow(journey) !== null)
    return accepted === 0 ? "rejected again" : `accepted${stored > 0 ? " and stored" : ", and known before"}`;
  return [
    `${integer(received)} rows received`,
    `${integer(accepted)} accepted`,
    `${integer(stored)} stored`,
    `${integer(duplicate)} known before`,
    `${integer(dead)} rejected`,
  ].join(", ");
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

function countsOf(journey: Journey): string {
  const { received, accepted, dead } = journey;
  if (replayedRow(journey) !== null)
    return accepted === 0 ? "the row was rejected again" : "the row was accepted";
  const rejected = dead > 0 ? `, ${integer(dead)} to the dead letters` : "";
  return `${integer(accepted)} of ${integer(received)} rows accepted${rejected}`;
}
