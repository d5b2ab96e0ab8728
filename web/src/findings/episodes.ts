// What each episode did: to the score, and to the members.
import type { TitleDay } from "../api/types.gen.ts";
import { DAY_MS, dayOf } from "../lib/dates.ts";
import type { Episode } from "../lib/episodes.ts";
import { list, signed, score as writeScore } from "../lib/format.ts";
import { hasFewVotes } from "../lib/measures.ts";

/** A change, or why there is none. */
export type Change = number | "not observed" | "too few votes" | "no score" | "not over yet";

export interface EpisodeRow extends Episode {
  score: Change;
  members: Change;
}

/** The last day that is counted as an episode's. */
const LAST = 6;
/** These episodes made that much of what all episodes have raised. */
const MIN_SHARE = 0.6;
const NOTABLE = 0.1;
/** A smaller change moved nothing. */
const MIN_CHANGE = 0.03;

/** The episodes whose day before is among the days shown, oldest first; none where there are fewer than two in observed days. */
export function episodeRows(days: readonly TitleDay[], episodes: readonly Episode[]): EpisodeRow[] {
  const byDay = new Map(days.map((day) => [day.day, day]));
  const newest = days.findLast((day) => day.observed)?.day ?? "";
  const shown = episodes.filter(({ day }) => byDay.has(shift(day, -1)) && byDay.has(day));
  if (shown.filter(({ day }) => byDay.get(day)?.observed).length < 2) return [];
  return shown.map((episode) => {
    const before = byDay.get(shift(episode.day, -1));
    const last = shift(episode.day, LAST);
    if (last > newest) return { ...episode, score: "not over yet", members: "not over yet" };
    const after = byDay.get(last);
    return { ...episode, score: scoreChange(before, after), members: membersChange(before, after) };
  });
}

function scoreChange(before: TitleDay | undefined, after: TitleDay | undefined): Change {
  if (!before?.observed || !after?.observed) return "not observed";
  if (before.score === null || after.score === null) return "no score";
  if (hasFewVotes(before) || hasFewVotes(after)) return "too few votes";
  return Math.round((after.score - before.score) * 100) / 100;
}

function membersChange(before: TitleDay | undefined, after: TitleDay | undefined): Change {
  if (!before?.observed || !after?.observed || before.members === null || after.members === null)
    return "not observed";
  return after.members - before.members;
}

/** What the score has changed since the day before the premiere, or since the first day known after it. */
export function changeSincePremiere(days: readonly TitleDay[], episodes: readonly Episode[]): number | null {
  const [premiere] = episodes;
  const known = days.filter((day) => day.score !== null && !hasFewVotes(day));
  const first = known.findLast(({ day }) => premiere && day < premiere.day) ?? known[0];
  const last = known.at(-1);
  if (first?.score == null || last?.score == null || first === last) return null;
  return Math.round((last.score - first.score) * 100) / 100;
}

/** Which episodes did most of the `whole` change, which one moved the score most, or what is shown. */
export function episodesFinding(rows: readonly EpisodeRow[], whole: number | null): string {
  const rises = rows
    .flatMap(({ number, score }) => (typeof score === "number" && score > 0 ? [{ number, score }] : []))
    .sort((a, b) => b.score - a.score);
  const total = rises.reduce((sum, { score }) => sum + score, 0);
  const most: typeof rises = [];
  for (const rise of rises) {
    if (most.reduce((sum, { score }) => sum + score, 0) >= MIN_SHARE * total - 1e-9) break;
    most.push(rise);
  }
  const sum = most.reduce((all, { score }) => all + score, 0);
  const isMost = whole !== null && whole > 0 && sum > whole / 2 + 1e-9;
  if (total < NOTABLE || most.length * 3 > rows.length || !isMost) return largestMove(rows);
  const numbers = most.map(({ number }) => String(number)).sort((a, b) => Number(a) - Number(b));
  return `${most.length === 1 ? "Episode" : "Episodes"} ${list(numbers)} did most of the work`;
}

/** The episode with the largest change, where there is one. */
function largestMove(rows: readonly EpisodeRow[]): string {
  const sizes = rows.flatMap(({ score }) => (typeof score === "number" ? Math.abs(score) : []));
  const most = Math.max(0, ...sizes);
  const of = rows.filter(({ score }) => typeof score === "number" && Math.abs(score) === most);
  const [one] = of;
  if (most < MIN_CHANGE || of.length > 1 || typeof one?.score !== "number") return "What each episode did";
  const isUnknown = ({ score }: EpisodeRow) => typeof score === "string" && score !== "not over yet";
  const who = rows.some(isUnknown) ? "Of the episodes with a known effect, episode" : "Episode";
  return `${who} ${one.number} moved the score most: ${signed(one.score, writeScore)}`;
}

function shift(day: string, days: number): string {
  return dayOf(new Date(Date.parse(day) + days * DAY_MS));
}
