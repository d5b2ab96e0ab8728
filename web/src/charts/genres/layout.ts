// Geometry of the genre bars: name, bar from zero with its value, mean score as a figure.
import type { GenreShare } from "../../api/types.gen.ts";
import { compact, integer, percent, score } from "../../lib/format.ts";
import { textWidth, within } from "../../lib/titles.ts";
import { bands, valueScale } from "../kit/scales.ts";

export type Measure = "share" | "titles";

const ROW = 30;
const HEAD = 24;
const FOOT = 26;
const VALUE_WIDTH = 50;
const SCORE_WIDTH = 52;
/** Between the edge of the drawing, which the wash of the chosen row reaches, and what is written. */
export const PAD = 6;
const CHARACTER_WIDTH = 6.2;

interface GenreRow {
  y: number;
  name: string;
  /** The bar's length from the base line. */
  bar: number;
  value: string;
  score: string;
  /** Whether any of its titles has one. */
  scored: boolean;
}

export interface GenresLayout {
  width: number;
  height: number;
  top: number;
  bottom: number;
  /** The base line, where bars begin. */
  left: number;
  rows: GenreRow[];
  columns: { x: number; label: string }[];
  /** Half of a row's height. */
  half: number;
  /** The row under a pixel. */
  at: (pixel: number) => number;
}

/** How high the drawing of so many rows is; known before its width. */
export function genresHeight(count: number): number {
  return HEAD + count * ROW + FOOT;
}

/** Places the rows, which come sorted, the longest first. */
export function genresLayout(genres: readonly GenreShare[], measure: Measure, width: number): GenresLayout {
  const height = genresHeight(genres.length);
  const bottom = height - FOOT;
  const left = nameWidth(genres, width);
  const measured = (genre: GenreShare) => (measure === "share" ? genre.share : genre.titles);
  const x = valueScale(genres.map(measured), {
    range: [left, Math.max(left + 1, width - VALUE_WIDTH - SCORE_WIDTH)],
    ticks: width < 420 ? 3 : 4,
    zero: true,
  });
  const y = bands(genres.length, [HEAD, bottom]);
  return {
    width,
    height,
    top: HEAD,
    bottom,
    left,
    rows: genres.map((genre, index) => ({
      y: y.center(index),
      name: genre.name,
      bar: Math.max(0, x(measured(genre)) - left),
      value: measure === "share" ? percent(genre.share) : integer(genre.titles),
      score: score(genre.mean_score),
      scored: genre.mean_score !== null,
    })),
    columns: x.ticks.map((tick) => ({
      x: x(tick),
      label: measure === "share" ? tickShare(tick) : compact(tick),
    })),
    half: ROW / 2,
    at: y.at,
  };
}

/** Room for the longest name, but never more than a good third. */
function nameWidth(genres: readonly GenreShare[], width: number): number {
  const longest = Math.max(8, ...genres.map((genre) => textWidth(genre.name)));
  return Math.round(Math.min(longest * CHARACTER_WIDTH + 14 + PAD, width * 0.38));
}

/** A name cut to the room before the base line. */
export function fitName(name: string, left: number): string {
  const most = Math.floor((left - PAD - 10) / CHARACTER_WIDTH);
  if (textWidth(name) <= most) return name;
  return `${within(name, most - 1).trimEnd()}…`;
}

function tickShare(tick: number): string {
  return tick === 0 ? "0\u202f%" : String(Number((tick * 100).toFixed(1)));
}
