// What is most worth saying about the leading title.
import type { HistoryDay, TopAnime, TopTitle } from "../api/types.gen.ts";
import { DAY_MS, dayName, moment } from "../lib/dates.ts";
import { capital, integer, list, ordinal, plural, pluralWord, score } from "../lib/format.ts";
import type { Part, RichText } from "../lib/richText.ts";
import { FEW_VOTES, hasFewVotes, isNew, whyHidden } from "./ranking.ts";

export interface Lead {
  headline: RichText;
  lede: RichText;
  /** The score that was crossed, to be drawn as a line. */
  mark: number | null;
}

/** What happened longer ago is no news; a change is told over so many days. */
const NEWS_MS = 7 * DAY_MS;
/** A smaller change is not worth a headline. */
const NOTABLE_CHANGE = 0.03;
const NOTABLE_MARGIN = 0.1;
/** So many days that were not observed are named. */
const MOST_NAMED = 3;
/** Lines that people notice: 8.50, 9.00. */
const STEP = 0.5;

interface Observed {
  day: string;
  score: number;
}

/** The finding about the first title, or `null` where there is none. */
export function leadFinding(top: TopAnime): Lead | null {
  const leader = top.titles[0];
  if (!leader) return null;
  const second = top.titles[1];
  const about = placeFinding(leader, top) ?? lineFinding(leader, second) ?? plain(leader, second);
  return {
    headline: hasFewVotes(leader) ? [...about.headline, ` (${FEW_VOTES})`] : about.headline,
    lede: [...about.lede, ...behind(top), ...unseen(leader.spark)],
    mark: about.mark,
  };
}

function placeFinding(leader: TopTitle, top: TopAnime): Lead | null {
  if (leader.place !== 1) {
    const lede = `What stands above it is not shown: ${whyHidden(top)}. `;
    return {
      headline: [leader, ` is ${ordinal(leader.place)}, the highest place known`],
      lede: [lede],
      mark: null,
    };
  }
  if (!top.previous || leader.previous_place === 1) return null;
  const { captured_at: earlier } = top.previous;
  const before = moment(earlier, leader.origin.captured_at, dayName);
  if (leader.previous_place === null) {
    if (!isNew(leader, top.previous)) return null;
    const lede = `It was not in the capture of ${before}. `;
    return { headline: [leader, " enters the ranking at the top"], lede: [lede], mark: null };
  }
  const lede = `It was ${ordinal(leader.previous_place)} ${before === dayName(earlier, leader.origin.captured_at) ? "on" : "at"} ${before}. `;
  return { headline: [leader, " takes first place"], lede: [lede], mark: null };
}

/** What the line did in the last week observed; where nobody looked on its first day, since the day before that. */
function lineFinding(leader: TopTitle, second: TopTitle | undefined): Lead | null {
  const all = observed(leader.spark);
  const last = all.at(-1);
  if (!last) return null;
  const weekAgo = all.findLastIndex(({ day }) => Date.parse(last.day) - Date.parse(day) >= NEWS_MS);
  const days = all.slice(Math.max(0, weekAgo));
  return crossed(leader, days, last) ?? changed(leader, second, days, last);
}

/** A whole or half score that the line has crossed for good within these days. */
function crossed(leader: TopTitle, days: Observed[], last: Observed): Lead | null {
  const steps = cents(last.score) / cents(STEP);
  const below = (Math.ceil(steps) - 1) * STEP;
  const above = (Math.floor(steps) + 1) * STEP;
  const since = (holds: (value: number) => boolean) => {
    const before = days.findLastIndex((one) => !holds(one.score));
    return [days[before], days[before + 1]] as const;
  };
  const upFrom = days.some((one) => one.score <= below) ? since((value) => value > below) : undefined;
  const downFrom = days.some((one) => one.score >= above) ? since((value) => value < above) : undefined;
  const [before, from] = upFrom ?? downFrom ?? [];
  if (!before || !from) return null;
  const [verb, mark] = upFrom ? ["rose above", below] : ["fell below", above];
  return {
    headline: [leader, ` ${verb} ${score(mark)} ${spanName(before.day, from.day, last.day)}`],
    lede: [],
    mark,
  };
}

/** When between two observed days: on the later one, where nothing lies between them. */
function spanName(before: string, from: string, newest: string): string {
  if (Date.parse(from) - Date.parse(before) <= DAY_MS) return `on ${dayName(from, newest)}`;
  const isSameMonth = before.slice(0, 7) === from.slice(0, 7);
  return `between ${isSameMonth ? Number(before.slice(8)) : dayName(before, newest)} and ${dayName(from, newest)}`;
}

function changed(
  leader: TopTitle,
  second: TopTitle | undefined,
  days: Observed[],
  last: Observed,
): Lead | null {
  const first = days[0] ?? last;
  const change = cents(last.score) - cents(first.score);
  if (Math.abs(change) < cents(NOTABLE_CHANGE)) return null;
  const size = score(Math.abs(change) / 100);
  const verb = change > 0 ? "gained" : "lost";
  const lede = `From ${score(first.score)} to ${score(last.score)}, seen on ${plural(days.length, "day")}. `;
  const scored = leader.spark.findIndex((one) => one.score !== null);
  const isFirst =
    leader.spark[scored]?.day === first.day && leader.spark.slice(0, scored).some((one) => one.observed);
  const since = `since ${isFirst ? "its first score on " : ""}${dayName(first.day, last.day)}`;
  const stands = isTied(leader, second) ? "shares the highest score" : "leads the ranking";
  return { headline: [leader, ` ${verb} ${size} ${since} and ${stands}`], lede: [lede], mark: null };
}

function plain(leader: TopTitle, second: TopTitle | undefined): Lead {
  const margin = second ? marginOf(leader, second) : 0;
  const value = score(leader.score);
  let words = ` leads the ranking${leader.score === null ? "" : ` with ${value}`}`;
  if (isTied(leader, second)) words = ` shares the highest score, ${value}`;
  if (margin >= NOTABLE_MARGIN) words = ` leads by ${score(margin)}`;
  return { headline: [leader, words], lede: [], mark: null };
}

function isTied(leader: TopTitle, second: TopTitle | undefined): boolean {
  return leader.score !== null && leader.score === second?.score;
}

/** How many voted, and who follows. */
function behind(top: TopAnime): Part[] {
  const [leader, second] = top.titles;
  if (!leader) return [];
  const votes =
    leader.scored_by === null
      ? ""
      : `${hasFewVotes(leader) ? "Only " : ""}${plural(leader.scored_by, "person", "people")} voted for it. `;
  if (!second) return [votes];
  const margin = marginOf(leader, second);
  const follows =
    margin > 0 ? ` follows with ${score(second.score)}, ${score(margin)} behind. ` : " has the same score. ";
  return [votes, second, follows];
}

/** Why the line has holes, or there is none. Before its first score a title has no line to break. */
function unseen(spark: readonly HistoryDay[]): Part[] {
  const line = spark.slice(
    Math.max(
      0,
      spark.findIndex((one) => one.score !== null),
    ),
  );
  const scored = observed(line).length;
  if (spark.length > 1 && scored === 1) {
    const had = spark.filter((one) => one.observed).length > 1 ? "has a score" : "was observed";
    return [`Only one of the ${integer(spark.length)} days up to then ${had}, so there is no line to draw.`];
  }
  if (scored === 0) return [];
  const missed = line.filter((one) => !one.observed).map(({ day }) => day);
  const unscored = line.length - scored - missed.length;
  const words = [
    missed.length > 0 && `${missedDays(missed)} ${missed.length === 1 ? "was" : "were"} not observed`,
    unscored > 0 && `on ${pluralWord(unscored, "day")} the leader had no score`,
  ].filter((part) => part !== false);
  return words.length > 0 ? [`${capital(list(words))}; the line breaks there.`] : [];
}

/** The days by their names where these are few: the line is longer than what the sentence before tells of. */
function missedDays(days: readonly string[]): string {
  const newest = days.at(-1) ?? "";
  return days.length <= MOST_NAMED
    ? list(days.map((day) => dayName(day, newest)))
    : `${pluralWord(days.length, "day")} of those shown`;
}

function observed(spark: readonly HistoryDay[]): Observed[] {
  return spark.flatMap(({ day, score: value }) => (value === null ? [] : [{ day, score: value }]));
}

function marginOf(leader: TopTitle, second: TopTitle): number {
  if (leader.score === null || second.score === null) return 0;
  return (cents(leader.score) - cents(second.score)) / 100;
}

/** Scores have two decimals; as whole hundredths they compare exactly. */
function cents(value: number): number {
  return Math.round(value * 100);
}
