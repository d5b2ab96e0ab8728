// What is most worth saying about one title over the days shown.
import type { TitleDay } from "../api/types.gen.ts";
import { dayName } from "../lib/dates.ts";
import type { Episode } from "../lib/episodes.ts";
import { integer, plural, pluralWord, score, signed } from "../lib/format.ts";
import { hasFewVotes, type Measure, WORDS } from "../lib/measures.ts";
import { type Jump, largestJump, steadiness } from "./jumps.ts";

export interface TitleFinding {
  headline: string;
  /** What the headline speaks of, at the day where it happened. */
  remark: { day: string; lines: [string, string] } | null;
}

interface Known {
  day: string;
  value: number;
}

/** An episode that changed less than this part of what all days did is not what happened. */
const LEAST_PART = 0.25;
/** A smaller change of a score over all days is none. */
const NOTABLE_CHANGE = 0.03;
/** A score that is lower by this has not fallen. */
const NOISE = 0.02;

/** The finding about the days shown, with a measure drawn over the members. */
export function titleFinding(
  days: readonly TitleDay[],
  episodes: readonly Episode[],
  measure: Measure,
): TitleFinding {
  const observed = days.filter((day) => day.observed);
  const [only] = observed;
  if (!only) return plain("Nothing was observed in these days");
  if (observed.length === 1) return plain(oneCapture(only, days));
  if (measure !== "score") return plain(measureTrend(days, measure));
  const scored = known(days, (day) => (hasFewVotes(day) ? null : day.score));
  const jump = largestJump(scored, episodes);
  return jump && isMuch(jump, scored) ? jumped(jump, scored) : plain(scoreTrend(days, scored));
}

function plain(headline: string): TitleFinding {
  return { headline, remark: null };
}

/** A day's name beside the newest of the days shown, which is the last one captured. */
function dayIn(days: readonly TitleDay[], day: string): string {
  return dayName(day, days.at(-1)?.day);
}

function known(days: readonly TitleDay[], value: (day: TitleDay) => number | null): Known[] {
  return days.flatMap((day) => {
    const found = value(day);
    return found === null ? [] : [{ day: day.day, value: found }];
  });
}

/** What a single observation supports: its numbers, and no change. */
function oneCapture(day: TitleDay, days: readonly TitleDay[]): string {
  const numbers = [
    day.score !== null && `a score of ${score(day.score)}${hasFewVotes(day) ? " of few votes" : ""}`,
    day.members !== null && plural(day.members, "member"),
  ].filter(Boolean);
  const had = numbers.length > 0 ? numbers.join(" and ") : "no numbers yet";
  return `Observed once, on ${dayIn(days, day.day)}: ${had}`;
}

function isMuch({ change }: Jump, scored: readonly Known[]): boolean {
  const all = (scored.at(-1)?.value ?? 0) - (scored[0]?.value ?? 0);
  return Math.abs(change) >= LEAST_PART * Math.abs(all);
}

function jumped(jump: Jump, scored: readonly Known[]): TitleFinding {
  const { episode, change, after, at } = jump;
  const name = episode.number === 1 ? "the premiere" : `episode ${episode.number}`;
  const rose = change > 0 ? "rose" : "fell";
  const size = score(Math.abs(change));
  const when = after === 0 ? `On the day of ${name}` : `After ${name}`;
  return {
    headline: `${when} the score ${rose} ${size}${within(jump, pluralWord)}${outcome(change, at, scored)}`,
    remark: {
      day: at.day,
      lines: [
        episode.number === 1 ? "Premiere" : `Episode ${episode.number}`,
        `${signed(change, score)}${within(jump, plural)}`,
      ],
    },
  };
}

/** Over how many days it was measured; on the day of the episode itself, since the day before. */
function within({ after, span, isWhole }: Jump, count: typeof plural): string {
  if (!isWhole) return ` over ${count(span, "day")} (not all observed)`;
  return after === 0 ? "" : ` in ${count(span, "day")}`;
}

/** What became of it, where enough days came after to tell. */
function outcome(change: number, at: Known, scored: readonly Known[]): string {
  const later = scored.filter(({ day }) => day > at.day);
  if (later.length < 7) return "";
  const lost = (value: number) => (change > 0 ? at.value - value : value - at.value);
  if (later.every(({ value }) => lost(value) <= NOISE + 1e-9))
    return change > 0 ? " and never fell back" : " and has not come back";
  const last = later.at(-1)?.value ?? at.value;
  if (lost(last) < Math.abs(change) / 2) return "";
  return change > 0 ? ", and has lost that again" : ", and has come back since";
}

function scoreTrend(days: readonly TitleDay[], scored: readonly Known[]): string {
  const [first, last] = [scored[0], scored.at(-1)];
  const members = membersTrend(days);
  if (!first || !last) {
    const few = days.some((day) => day.score !== null);
    return `${few ? "Too few votes for a score yet" : "No score yet"}${members ? `; ${members}` : ""}`;
  }
  const change = Math.round((last.value - first.value) * 100) / 100;
  const size = Math.abs(change);
  if (scored.length < 2) return `The score was ${score(last.value)}${members ? `; ${members}` : ""}`;
  if (size < Math.max(NOTABLE_CHANGE, 2 * steadiness(scored))) {
    return `The score held ${held(scored, last.value)}${members ? `; ${members}` : ""}`;
  }
  const verb = change > 0 ? "rose" : "fell";
  return `The score ${verb} ${score(size)} to ${score(last.value)} since ${dayIn(days, first.day)}`;
}

/** "at 7.80", or "within 0.01 of 7.80" where it was not the same every day. */
function held(scored: readonly Known[], at: number): string {
  const farthest = Math.max(...scored.map(({ value }) => Math.round(Math.abs(value - at) * 100) / 100));
  return farthest === 0 ? `at ${score(at)}` : `within ${score(farthest)} of ${score(at)}`;
}

function membersTrend(days: readonly TitleDay[]): string | null {
  const members = known(days, (day) => day.members);
  const [first, last] = [members[0], members.at(-1)];
  if (!first || !last || members.length < 2) return null;
  const change = last.value - first.value;
  if (change === 0) return `${integer(last.value)} members, as on ${dayIn(days, first.day)}`;
  return `${plural(Math.abs(change), "member")} ${change > 0 ? "joined" : "left"} since ${dayIn(days, first.day)}`;
}

function measureTrend(days: readonly TitleDay[], measure: Exclude<Measure, "score">): string {
  const { name, write, isPlace } = WORDS[measure];
  const all = known(days, (day) => day[measure]);
  const [first, last] = [all[0], all.at(-1)];
  if (!first || !last) return `No ${name.toLowerCase()} was observed in these days`;
  const better = isPlace ? first.value - last.value : last.value - first.value;
  const since = ` since ${dayIn(days, first.day)}`;
  if (all.length < 2) return `${name}: ${write(last.value)} on ${dayIn(days, last.day)}`;
  if (better === 0) return `${name} is unchanged${since}: ${write(last.value)}`;
  const by = isPlace ? plural(Math.abs(better), "place") : integer(Math.abs(better));
  return `${name} ${verb(better, isPlace)} by ${by} to ${write(last.value)}${since}`;
}

function verb(better: number, isPlace: boolean): string {
  if (isPlace) return better > 0 ? "improved" : "fell";
  return better > 0 ? "rose" : "fell";
}
