// What was captured last, in one line.

import type { Run, RunDay, SeasonPoint } from "../api/types.gen.ts";
import { dayOf, near, shortDay } from "../lib/dates.ts";
import { capital, integer, list, plural } from "../lib/format.ts";
import { seasonName } from "../lib/seasons.ts";

export interface CaptureLine {
  state: "complete" | "rejected" | "incomplete" | "running" | "none";
  /** When, after the words "Last observed". */
  when: string | null;
  instant: string | null;
  /** How much of it came. */
  what: string;
  /** "3 rows rejected": what was kept back of it. */
  rejected: string | null;
  /** What else was tried. */
  more: string;
}

interface Circumstances {
  /** Whether older runs were cut off. */
  more: boolean;
  /** Whether an earlier day is shown. */
  past: boolean;
  now: Date;
}

const NOTHING = { when: null, instant: null, rejected: null, more: "" } as const;

/** The line about the newest day of which a page came. `runs` are newest first. */
export function captureStatus(runs: readonly Run[], { more, past, now }: Circumstances): CaptureLine {
  const newest = runs.find((run) => run.pages_got > 0);
  if (!newest) {
    const nothing = past ? "Nothing had been captured by then." : "Nothing has been captured yet.";
    const state = runs.length === 0 ? "none" : stateOf(runs);
    if (more) {
      const what = `None of the last ${plural(runs.length, "capture")} brought a page.`;
      return { ...NOTHING, state, what };
    }
    return { ...NOTHING, state, what: `${nothing}${withoutPages(runs)}` };
  }
  const day = dayOf(newest.captured_at);
  const sameDay = runs.filter((run) => dayOf(run.captured_at) === day);
  const since = runs.filter((run) => dayOf(run.captured_at) > day);
  const cut = more && sameDay.length === runs.length;
  const kept = rejected(sameDay, cut);
  const state = stateOf([...since, ...sameDay]);
  return {
    state: kept && state === "complete" ? "rejected" : state,
    when: near(newest.captured_at, now),
    instant: newest.captured_at,
    what: `${counts(sameDay, cut)}${incompleteLists(sameDay)}`,
    rejected: kept,
    more: `.${withoutPages(since, " after that")}`,
  };
}

/** Captures of which no page came. */
function withoutPages(runs: readonly Run[], when = ""): string {
  const running = runs.filter((run) => run.state === "running" || run.state === "stub").length;
  const failed = runs.length - running;
  const words = failed > 0 ? ` ${plural(failed, "capture")}${when} brought nothing.` : "";
  return running > 0 ? `${words} ${plural(running, "capture")} under way.` : words;
}

function stateOf(runs: readonly Run[]): CaptureLine["state"] {
  if (runs.some((run) => run.state === "incomplete" || run.state === "failed")) return "incomplete";
  return runs.some((run) => run.state === "running" || run.state === "stub") ? "running" : "complete";
}

function counts(runs: readonly Run[], cut: boolean): string {
  const got = runs.reduce((sum, run) => sum + run.pages_got, 0);
  const planned = runs.reduce((sum, run) => sum + (run.pages_planned ?? run.pages_got), 0);
  const pages = got === planned ? plural(got, "page") : `${integer(got)} of ${plural(planned, "page")}`;
  const captures = plural(runs.length, "capture");
  return cut ? `more than ${captures} that day` : `${captures}, ${pages}`;
}

const LISTS: Record<string, string> = {
  "top.airing": "of what airs",
  "top.upcoming": "of what comes",
  "top.favorites": "by favourites",
  "season.now": "of the season",
  "season.upcoming": "of later seasons",
  anime: "of single titles",
  history: "of imported days",
};

/** "the list by members": a dataset as the page calls it. */
function listName(dataset: string): string {
  const [kind, by, season] = dataset.split(".");
  if (season)
    return `the list of ${seasonName({ year: Number(by), season: season as SeasonPoint["season"] })}`;
  return `the list ${LISTS[dataset] ?? (kind === "top" ? `by ${by}` : `of ${kind}`)}`;
}

function incompleteLists(runs: readonly Run[]): string {
  const named = (states: readonly Run["state"][]) => [
    ...new Set(runs.filter((run) => states.includes(run.state)).map((run) => listName(run.dataset))),
  ];
  const short = named(["incomplete", "failed"]);
  if (short.length > 0)
    return `; incomplete: ${short.length > 3 ? plural(short.length, "list") : list(short)}`;
  const running = named(["running", "stub"]);
  if (running.length > 0)
    return `; still coming: ${running.length > 3 ? plural(running.length, "list") : list(running)}`;
  return ", complete";
}

/** Rows that did not pass the check; they are dead letters, and the capture is complete without them. */
function rejected(runs: readonly Run[], cut: boolean): string | null {
  const rows = runs.reduce((sum, run) => sum + run.rows.dead, 0);
  return rows === 0 ? null : `${cut ? "at least " : ""}${plural(rows, "row")} rejected`;
}

/** Whether a day or an instant has not come. */
export function isAhead(dayOrInstant: string, now: Date): boolean {
  return Date.parse(dayOrInstant) > now.getTime();
}

/** What stands beside the strip of days. */
export function stripName(days: readonly RunDay[], past: boolean): string {
  const span = `${past ? "" : "last "}${days.length} days${past ? " before" : ""}`;
  return days.every((one) => one.runs === 0) ? `No capture in the ${span}` : capital(span);
}

/** The strip of days in words. */
export function stripSummary(days: readonly RunDay[]): string {
  const missing = days.filter((one) => one.runs === 0);
  const short = days.filter((one) => one.runs > 0 && one.incomplete > 0);
  const some = (kind: RunDay[]) =>
    kind.length > 0 && kind.length <= 4
      ? `${kind.length} (${list(kind.map((one) => shortDay(one.day, days.at(-1)?.day)))})`
      : `${kind.length}`;
  return `Captures of the last ${days.length} days: ${some(missing)} missing, ${some(short)} incomplete`;
}
