// What is most worth saying about the leading title.
import type { HistoryDay, TopAnime, TopTitle } from "../api/types.gen.ts";
import { dayName, moment } from "../lib/dates.ts";
import { capital, integer, list, ordinal, plural, pluralWord, score } from "../lib/format.ts";
import { isNew, whyHidden } from "./ranking.ts";
import type { Part, RichText } from "./richText.ts";

export interface Lead {
  headline: RichText;
  lede: RichText;
  /** The score that was crossed, to be drawn as a line. */
  mark: number | null;
}

/** A smaller change over the days shown is not worth a headline. */
const NOTABLE_CHANGE = 0.03;
const NOTABLE_MARGIN = 0.1;
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
  const about =
    placeFinding(leader, top) ?? lineFinding(leader, observed(leader.spark)) ?? plain(leader, top.titles[1]);
  return {
    headline: about.headline,
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
  const lede = `It was ${ordinal(leader.previous_place)} ${before === dayName(earlier) ? "on" : "at"} ${before}. `;
  return { headline: [leader, " takes first place"], lede: [lede], mark: null };
}

function lineFinding(leader: TopTitle, days: Observed[]): Lead | null {
  const first = days[0];
  const last = days.at(-1);
  if (!first || !last || first === last) return null;
  return crossed(leader, days, last) ?? changed(leader, first, last, days.length);
}

/** A whole or half score that the line has crossed for good within the days shown. */
function crossed(leader: TopTitle, days: Observed[], last: Observed): Lead | null {
  const steps = cents(last.score) / cents(STEP);
  const below = (Math.ceil(steps) - 1) * STEP;
  const above = (Math.floor(steps) + 1) * STEP;
  const since = (holds: (value: number) => boolean) =>
    days[days.findLastIndex((one) => !holds(one.score)) + 1];
  const upFrom = days.some((one) => one.score <= below) ? since((value) => value > below) : undefined;
  if (upFrom) {
    const lede = `It crossed that line on ${dayName(upFrom.day)}${upFrom === last ? "" : " and has held it since"}. `;
    return { headline: [leader, ` stands above ${score(below)}`], lede: [lede], mark: below };
  }
  const downFrom = days.some((one) => one.score >= above) ? since((value) => value < above) : undefined;
  if (!downFrom) return null;
  const lede = `It crossed that line on ${dayName(downFrom.day)} and still leads. `;
  return { headline: [leader, ` fell below ${score(above)}`], lede: [lede], mark: above };
}

function changed(leader: TopTitle, first: Observed, last: Observed, seen: number): Lead | null {
  const change = cents(last.score) - cents(first.score);
  if (Math.abs(change) < cents(NOTABLE_CHANGE)) return null;
  const size = score(Math.abs(change) / 100);
  const verb = change > 0 ? "gained" : "lost";
  const lede = `From ${score(first.score)} on ${dayName(first.day)} to ${score(last.score)}, over ${plural(seen, "day")} observed. `;
  return { headline: [leader, ` ${verb} ${size} and leads the ranking`], lede: [lede], mark: null };
}

function plain(leader: TopTitle, second: TopTitle | undefined): Lead {
  const margin = second ? marginOf(leader, second) : 0;
  const headline: Part[] =
    margin >= NOTABLE_MARGIN
      ? [leader, ` leads by ${score(margin)}`]
      : [leader, ` leads the ranking${leader.score === null ? "" : ` with ${score(leader.score)}`}`];
  return { headline, lede: [], mark: null };
}

/** How many voted, and who follows. */
function behind(top: TopAnime): Part[] {
  const [leader, second] = top.titles;
  if (!leader) return [];
  const votes =
    leader.scored_by === null ? "" : `${plural(leader.scored_by, "person", "people")} voted for it. `;
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
  const missed = line.filter((one) => !one.observed).length;
  const unscored = line.length - scored - missed;
  const words = [
    missed > 0 && `${pluralWord(missed, "day")} ${missed === 1 ? "was" : "were"} not observed`,
    unscored > 0 && `on ${pluralWord(unscored, "day")} the leader had no score`,
  ].filter((part) => part !== false);
  return words.length > 0 ? [`${capital(list(words))}; the line stops there.`] : [];
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
