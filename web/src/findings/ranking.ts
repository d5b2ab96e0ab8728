// What moved among the highest scores.
import type { RankingRun, TopAnime, TopTitle } from "../api/types.gen.ts";
import { dayName, dayOf, moment } from "../lib/dates.ts";
import { capital, ordinal, pluralWord, word } from "../lib/format.ts";
import type { Part, RichText } from "../lib/richText.ts";

/** The finding about how the ranking moved since an earlier capture. */
export function rankingFinding(top: TopAnime): RichText {
  const count = top.titles.length;
  if (!top.previous) return [plainRanking(count)];
  const { previous } = top;
  const entered = top.titles.filter((title) => isNew(title, previous));
  const moved = top.titles.filter((title) => (title.move ?? 0) !== 0);
  if (entered.length === 0 && moved.length === 0) {
    const unknown = top.titles.some((title) => title.move === null);
    return [unknown ? plainRanking(count) : `All ${word(count)} kept their places${since(top)}`];
  }
  const parts: Part[] = [];
  const most = furthest(moved);
  if (most) parts.push(...movePart(most));
  else if (moved.length > 0)
    parts.push(`${capital(pluralWord(moved.length, "title"))} of ${word(count)} changed places`);
  if (entered.length > 0 && parts.length > 0) parts.push("; ");
  if (entered.length > 0) parts.push(...entryPart(entered, count));
  return parts;
}

/** So that a few minutes are not taken for a day. */
function since({ run, previous }: TopAnime): string {
  return run && previous ? ` since ${moment(previous.captured_at, run.captured_at, dayName)}` : "";
}

/** Why a place that there is has no row, as far as anybody can tell. */
export function whyHidden({ run }: TopAnime): string {
  const late = run?.state === "complete" ? "" : ", or a page that has not come";
  return `an adult title, or a row that did not pass the check${late}`;
}

/**
 * Whether a title was not seen before: a row that did not pass the check leaves its title out of one capture only. The
 * day of the capture itself says nothing: its score is that capture's own.
 */
export function isNew({ move, spark, origin }: TopTitle, previous: RankingRun | null): boolean {
  if (move !== null || !previous) return false;
  const [before, own] = [dayOf(previous.captured_at), dayOf(origin.captured_at)];
  return !spark.some((one) => one.score !== null && one.day <= before && one.day < own);
}

export { hasFewVotes } from "../lib/measures.ts";

/** What is said of a score of few votes. */
export const FEW_VOTES = "few votes";

/** What is shown, where nothing can be found yet. */
export function plainRanking(count: number): string {
  return count === 1 ? "The highest score" : `The ${word(count)} highest scores`;
}

/** The one title that moved further than any other; none where two share that. */
function furthest(moved: readonly TopTitle[]): TopTitle | null {
  const far = Math.max(0, ...moved.map((title) => Math.abs(title.move ?? 0)));
  const all = moved.filter((title) => Math.abs(title.move ?? 0) === far);
  return all.length === 1 ? (all[0] ?? null) : null;
}

function movePart(title: TopTitle): Part[] {
  const move = title.move ?? 0;
  const verb = move > 0 ? "climbed" : "fell";
  return [title, ` ${verb} ${pluralWord(Math.abs(move), "place")} to ${ordinal(title.place)}`];
}

function entryPart(entered: readonly TopTitle[], count: number): Part[] {
  const [one] = entered;
  if (entered.length === 1 && one) return [one, ` is new at ${ordinal(one.place)}`];
  return [`${word(entered.length)} of the ${word(count)} are new`];
}
