// A body in lines, as it came or laid out, with the failing places marked. The text of each part is the body's own.
import { type Token, tokensOf } from "./jsonTokens.ts";

/** A failing place: offsets in the string. */
export interface Mark {
  start: number;
  end: number;
}

export interface Part {
  text: string;
  isKey: boolean;
  /** Which marks it lies in. */
  marks: readonly number[];
}

export interface TextLine {
  /** Counted from 1. */
  number: number;
  indent: number;
  parts: Part[];
  /** The marks that begin in it. */
  begins: readonly number[];
}

interface Stretch extends Mark {
  isKey: boolean;
  /** What stands before it, of ours. */
  before?: string;
}

interface Draft {
  indent: number;
  stretches: Stretch[];
}

/** The lines as they came. */
export function plainLines(text: string, marks: readonly Mark[]): TextLine[] {
  let start = 0;
  const drafts = text.split("\n").map((line): Draft => {
    const stretch = { start, end: start + line.length, isKey: false };
    start += line.length + 1;
    return { indent: 0, stretches: [stretch] };
  });
  return finished(text, drafts, marks);
}

/** A line for each member of JSON; `null` where it is none. Only the blanks between its tokens are ours. */
export function laidOutLines(text: string, marks: readonly Mark[]): TextLine[] | null {
  const tokens = tokensOf(text);
  return tokens && finished(text, draftsOf(tokens), marks);
}

function draftsOf(tokens: readonly Token[]): Draft[] {
  let depth = 0;
  let line: Draft = { indent: 0, stretches: [] };
  const lines = [line];
  const next = () => {
    if (line.stretches.length > 0) {
      line = { indent: depth, stretches: [] };
      lines.push(line);
    }
    line.indent = depth;
  };
  tokens.forEach(({ kind, start, end }, index) => {
    const isEmpty = tokens[index - 1]?.kind === "open";
    if (kind === "close") {
      depth -= 1;
      if (!isEmpty) next();
    }
    const before = tokens[index - 1]?.kind === "colon" ? " " : "";
    line.stretches.push({ start, end, isKey: kind === "key", before });
    if (kind === "open") {
      depth += 1;
      if (tokens[index + 1]?.kind !== "close") next();
    }
    if (kind === "comma") next();
  });
  return lines;
}

/** Marks, shortened to the bracket where they are of something over several lines: all of it says nothing. */
function shortened(text: string, marks: readonly Mark[], drafts: readonly Draft[]): Mark[] {
  const lineAt = (offset: number) =>
    drafts.findIndex(({ stretches }) => stretches.some(({ start, end }) => start <= offset && offset <= end));
  return marks.map(({ start, end }) => {
    const isOver = /[[{]/.test(text.charAt(start)) && lineAt(start) !== lineAt(Math.max(start, end - 1));
    return { start, end: isOver ? start + 1 : end };
  });
}

function finished(text: string, drafts: readonly Draft[], given: readonly Mark[]): TextLine[] {
  const marks = given.length === 0 ? [] : shortened(text, given, drafts);
  const firsts = drafts.map(({ stretches }) => stretches[0]?.start ?? 0);
  const lineOf = (offset: number) =>
    Math.max(
      0,
      firsts.findLastIndex((first) => first <= offset),
    );
  const beginsIn = marks.map(({ start }) => lineOf(start));
  return drafts.map(({ indent, stretches }, index) => {
    const [first, last] = [firsts[index] ?? 0, stretches.at(-1)?.end ?? 0];
    const here = marks.flatMap((mark, number) => (mark.end >= first && mark.start <= last ? [number] : []));
    return {
      number: index + 1,
      indent,
      parts: joined(stretches.flatMap((stretch) => cut(text, stretch, marks, here))),
      begins: here.filter((number) => beginsIn[number] === index),
    };
  });
}

/** A stretch in parts that are wholly in or out of each mark. */
function cut(text: string, stretch: Stretch, marks: readonly Mark[], here: readonly number[]): Part[] {
  const { start, end, isKey, before } = stretch;
  const edges = here.flatMap((number) => {
    const mark = marks[number];
    return mark ? [mark.start, mark.end] : [];
  });
  const cuts = [...new Set([start, ...edges.filter((edge) => edge > start && edge < end), end])].sort(
    (a, b) => a - b,
  );
  const parts = cuts.slice(0, -1).map((from, index): Part => {
    const to = cuts[index + 1] ?? end;
    const inside = here.filter((number) => {
      const mark = marks[number];
      return mark !== undefined && mark.start <= from && to <= mark.end;
    });
    return { text: text.slice(from, to), isKey, marks: inside };
  });
  return before ? [{ text: before, isKey: false, marks: [] }, ...parts] : parts;
}

/** Neighbours of one kind as one part. */
function joined(parts: readonly Part[]): Part[] {
  const all: Part[] = [];
  for (const part of parts) {
    const last = all.at(-1);
    if (last && last.isKey === part.isKey && last.marks.join() === part.marks.join()) last.text += part.text;
    else all.push({ ...part });
  }
  return all;
}

/** Lines to show, or how many are folded away. */
export type Shown = { line: TextLine } | { folded: TextLine[] };

const AROUND = 2;
const HEAD = 7;
const MIN_FOLDED = 4;

/** The head, the end and what stands around each mark; long rests are folded. */
export function folded(lines: readonly TextLine[]): Shown[] {
  const near = lines.flatMap((line, index) => (line.begins.length > 0 ? [index] : []));
  const isShown = (index: number) =>
    index < HEAD || index === lines.length - 1 || near.some((at) => Math.abs(at - index) <= AROUND);
  const shown: Shown[] = [];
  let rest: TextLine[] = [];
  const close = () => {
    if (rest.length >= MIN_FOLDED) shown.push({ folded: rest });
    else shown.push(...rest.map((line) => ({ line })));
    rest = [];
  };
  lines.forEach((line, index) => {
    if (!isShown(index)) {
      rest.push(line);
      return;
    }
    close();
    shown.push({ line });
  });
  close();
  return shown;
}
