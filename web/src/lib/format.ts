// Numbers as people read them: 9.03, 412,380, 400k, 33 %, a true minus.

const INTEGER = new Intl.NumberFormat("en-GB", { maximumFractionDigits: 0 });

// Rounds 7.255 as it is written; toFixed rounds the binary number, which is a little less.
const SCORE = new Intl.NumberFormat("en-GB", { minimumFractionDigits: 2, maximumFractionDigits: 2 });

const MINUS = "−";
// Keeps the sign on the number's line.
const NARROW_SPACE = "\u202f";

/** A score of 1 to 10 with two decimals; a dash where there is none. */
export function score(value: number | null): string {
  return value === null ? "–" : SCORE.format(value);
}

/** A day's score, or why there is none. */
export function scoreOrWhy(day: { observed: boolean; score: number | null } | undefined): string {
  if (!day?.observed) return "not observed";
  return day.score === null ? "no score" : score(day.score);
}

/** A whole number with thousands apart; a dash where there is none. */
export function integer(value: number | null): string {
  return value === null ? "–" : INTEGER.format(value);
}

/** A number for an axis: 400k, 1.5M. */
export function compact(value: number): string {
  const size = Math.abs(value);
  if (size >= 1e9) return `${trim(value / 1e9)}B`;
  if (size >= 1e6) return `${trim(value / 1e6)}M`;
  if (size >= 1e3) return `${trim(value / 1e3)}k`;
  return trim(value);
}

function trim(value: number): string {
  return String(Number(value.toFixed(1)));
}

/** A part of 0 to 1 in per cent, with one decimal under ten per cent. */
export function percent(part: number): string {
  const value = part * 100;
  return `${value.toFixed(value > 0 && value < 9.95 ? 1 : 0)}${NARROW_SPACE}%`;
}

/** The same for a column, where the decimals stand under each other. */
export function percentInColumn(part: number): string {
  return `${(part * 100).toFixed(1)}${NARROW_SPACE}%`;
}

/** The size of a change with its sign, by the given writing of its size. */
export function signed(value: number, write: (size: number) => string = integer): string {
  return `${value < 0 ? MINUS : "+"}${write(Math.abs(value))}`;
}

const WORDS = [
  "none",
  "one",
  "two",
  "three",
  "four",
  "five",
  "six",
  "seven",
  "eight",
  "nine",
  "ten",
  "eleven",
  "twelve",
];

/** A small number as a word, a larger one in figures. */
export function word(value: number): string {
  return WORDS[value] ?? integer(value);
}

const ORDINALS = [
  "",
  "first",
  "second",
  "third",
  "fourth",
  "fifth",
  "sixth",
  "seventh",
  "eighth",
  "ninth",
  "tenth",
];

/** A place as a word up to ten: first, second; then 11th, 22nd. */
export function ordinal(place: number): string {
  const named = ORDINALS[place];
  if (named) return named;
  const teen = place % 100 >= 11 && place % 100 <= 13;
  const ending = teen ? "th" : (["th", "st", "nd", "rd"][place % 10] ?? "th");
  return `${integer(place)}${ending}`;
}

/** One thing, or several: `plural(1, "title")` is "1 title". */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${integer(count)} ${count === 1 ? one : many}`;
}

/** The same with the number as a word. */
export function pluralWord(count: number, one: string, many = `${one}s`): string {
  return `${word(count)} ${count === 1 ? one : many}`;
}

/** Names in a row: "a", "a and b", "a, b and c". */
export function list(names: readonly string[]): string {
  if (names.length < 2) return names.join("");
  return `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}

/** A sentence's start. */
export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
