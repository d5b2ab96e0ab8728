// What a replay is doing, in words.
import type { Job, JobState } from "../api/operator.ts";
import { capital, integer, plural } from "../lib/format.ts";
import { visible } from "../lib/visible.ts";

/** Whether nothing will change any more; what is in flight settles still. */
export function isOver({ state, counts }: Job): boolean {
  return (state === "done" || state === "cancelled" || state === "stopped") && counts.published === 0;
}

const JOB_STATES: Record<JobState, string> = {
  queued: "waits for the replayer",
  canary: "tries the first rows",
  running: "runs",
  paused: "is paused",
  cancelled: "was cancelled",
  stopped: "was stopped",
  done: "is done",
};

/** "done": a state that stands alone. */
export function jobState(state: JobState): string {
  return JOB_STATES[state].replace(/^(is|was) /, "");
}

/** "Replaying 97 rows: 45 resolved": the page's heading. */
export function jobHeadline({ state, counts }: Job): string {
  const { members, resolved, failed, published } = counts;
  if (state === "done" && published === 0 && resolved === members)
    return members === 1 ? "The row is resolved" : `All ${integer(members)} rows are resolved`;
  const results = [
    `${integer(resolved)} of ${plural(members, "row")} resolved`,
    failed > 0 && `${integer(failed)} failed again`,
  ].filter(Boolean);
  const isLiving = ["queued", "canary", "running"].includes(state);
  return `${isLiving ? "Replaying" : "Replay"}: ${results.join(", ")}`;
}

/** "The replay tries the first rows." and why it is in its state. */
export function jobWords({ state, words, canary, rate }: Job): string {
  const how =
    state === "running" || state === "canary"
      ? `, ${integer(canary)} first, then ${integer(rate)} a second`
      : "";
  return `The replay ${JOB_STATES[state]}${how}.${words ? ` ${capital(visible(words))}.` : ""}`;
}

/** Whether a plan is of what a filter finds; else rows were chosen by hand, and only their number is kept. */
export function isFilter(filter: string): boolean {
  return !/^roots:\d+$/.test(filter);
}
