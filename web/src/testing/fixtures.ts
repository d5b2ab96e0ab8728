// Answers of the API over invented data: the same for the same instant.
import type { Since } from "../api/queries.ts";
import type {
  Catalogue,
  GenreDistributionResponse,
  Meta,
  Run,
  RunDay,
  RunDaysResponse,
  RunsResponse,
  SeasonalTrendResponse,
  SeasonPoint,
  SourcesResponse,
  TitlesResponse,
  TopAnimeResponse,
  TopTitle,
} from "../api/types.gen.ts";
import { GENRES, THEMES, TITLES } from "./titles.ts";

const DAY_MS = 86_400_000;
const SOURCE = "jikan-sim";
const EPOCH = 1_790_000_000_000;
const TITLES_IN_ALL = 401;
/** Days before now that nobody looked. */
const GAP: readonly number[] = [8, 7];
const INCOMPLETE: readonly number[] = [31];
const DATASETS = ["top.score", "top.members", "season.now", "genres"] as const;

const dayBefore = (now: Date, days: number) =>
  new Date(now.getTime() - days * DAY_MS).toISOString().slice(0, 10);
const captureOf = (now: Date, days: number) => `${dayBefore(now, days)}T04:12:00Z`;
const runId = (dataset: number, days: number) =>
  `00000000-0000-5000-8${dataset}00-${String(days).padStart(12, "0")}`;

/** A sample answer's `meta`. */
export function meta(now: Date, changes: Partial<Meta> = {}): Meta {
  return {
    catalogue: "sample",
    sources: [SOURCE],
    source: null,
    as_of: null,
    captured_at: captureOf(now, 0),
    first_captured_at: captureOf(now, 119),
    version: 812,
    complete: true,
    stale: false,
    ...changes,
  };
}

/** How many places each title of `TITLES` has gained since the earlier capture. */
const MOVES: readonly (number | null)[] = [0, 1, -1, 0, 2, -1, -1, 0, null, 0];

/** The score so many days ago: it creeps, and jumps once a week. */
function scoreBefore(score: number, index: number, before: number): number {
  const slope = [0.004, 0.002, -0.003, 0.001, 0.006, -0.004, -0.002, 0.001, 0.003, 0][index] ?? 0;
  const weeks = Math.floor((before + index) / 7) - Math.floor(index / 7);
  return Number((score - slope * (before * 0.4 + weeks * 4)).toFixed(2));
}

function topTitle(now: Date, index: number, days: number, back: number): TopTitle {
  const invented = TITLES[index % TITLES.length] as (typeof TITLES)[number];
  const move = MOVES[index] ?? 0;
  const place = index + 1;
  const spark = Array.from({ length: days }, (_, step) => {
    const before = days - 1 - step;
    const observed = !GAP.includes(before) && (MOVES[index] !== null || before === 0);
    return {
      day: dayBefore(now, before),
      score: observed ? scoreBefore(invented.score, index, before) : null,
      observed,
    };
  });
  return {
    place,
    previous_place: MOVES[index] === null ? null : place + move,
    move: MOVES[index] ?? null,
    mal_id: 9000 + index,
    title: invented.title,
    title_english: invented.english,
    title_japanese: invented.japanese,
    type: index === 3 ? "Movie" : "TV",
    season: "fall",
    year: 2026,
    studios: [invented.studio],
    score: invented.score,
    score_change: changeSince(spark.at(-1 - back)?.score ?? null, invented.score),
    scored_by: 127_838 - index * 9_113,
    members: 412_380 - index * 21_407,
    spark,
    origin: {
      run: runId(0, 0),
      page: 1,
      epoch: EPOCH,
      seq: 5612,
      archive: "raw-1790812800000-000000005001.jsonl.zst",
      edited: false,
      source: SOURCE,
      captured_at: captureOf(now, 0),
    },
  };
}

function changeSince(before: number | null, now: number): number | null {
  return before === null ? null : Number((now - before).toFixed(2));
}

/** How many days before lies the capture that the ranking is compared with; a week before, nobody looked. */
const BACK = { capture: 1, day: 1, week: 9 } as const;

/** The ten best of the sample. */
export function topAnime(now: Date, { days = 60, since = "capture" as Since } = {}): TopAnimeResponse {
  const run = (days: number) => ({
    run: runId(0, days),
    source: SOURCE,
    captured_at: captureOf(now, days),
    state: "complete" as const,
  });
  return {
    meta: meta(now),
    data: {
      run: run(0),
      previous: run(BACK[since]),
      titles: TITLES.map((_, index) => topTitle(now, index, days, BACK[since])),
    },
  };
}

/** How the sample spreads over genres or themes. */
export function genreDistribution(now: Date, kind = "genre"): GenreDistributionResponse {
  const rows = kind === "genre" ? GENRES : THEMES;
  return {
    meta: meta(now),
    data: {
      titles: TITLES_IN_ALL,
      genres: rows.map(([name, titles, mean], index) => ({
        genre_id: index + 1,
        name,
        titles,
        share: titles / TITLES_IN_ALL,
        scored: mean === null ? 0 : Math.ceil(titles * 0.86),
        mean_score: mean,
        members: titles * 61_337,
      })),
    },
  };
}

const SEASONS = ["winter", "spring", "summer", "fall"] as const;
const MEANS = [7.31, 7.18, 7.24, 7.42, 7.36, 7.2, null, 7.29, 7.51, 7.34, 7.38, 7.55];

/** Three years of seasons, one of them never observed. */
export function seasonalTrend(now: Date): SeasonalTrendResponse {
  const data = MEANS.map((mean, index): SeasonPoint => {
    const at = { year: 2024 + Math.floor(index / 4), season: SEASONS[index % 4] ?? "winter" };
    if (mean === null) {
      return {
        ...at,
        titles: 0,
        scored: 0,
        mean_score: null,
        median_score: null,
        median_members: null,
        members: null,
      };
    }
    const titles = 28 + ((index * 7) % 13);
    const median_members = 31_000 + ((index * 5_711) % 23_000);
    return {
      ...at,
      titles,
      scored: index === 2 ? 4 : titles - 3,
      mean_score: mean,
      median_score: Number((mean - 0.06 + (index % 3) * 0.04).toFixed(2)),
      median_members,
      members: titles * (median_members + 24_000),
    };
  });
  return { meta: meta(now), data };
}

/** The last `days` days, two of them missing and one incomplete. */
export function runDays(now: Date, days = 60): RunDaysResponse {
  const data = Array.from({ length: days }, (_, step): RunDay => {
    const before = days - 1 - step;
    const runs = GAP.includes(before) ? 0 : DATASETS.length;
    const incomplete = INCOMPLETE.includes(before) ? 1 : 0;
    return { day: dayBefore(now, before), runs, complete: runs - incomplete, incomplete };
  });
  return { meta: meta(now), data };
}

/** The newest runs. */
export function runs(now: Date): RunsResponse {
  const data = [0, 1].flatMap((days) =>
    DATASETS.map((dataset, index): Run => {
      const pages = dataset === "genres" ? 1 : 4 + index * 3;
      return {
        run: runId(index, days),
        dataset,
        catalogue: "sample",
        source: SOURCE,
        captured_at: captureOf(now, days),
        state: "complete",
        pages_planned: pages,
        pages_got: pages,
        rows: { received: pages * 25, accepted: pages * 25, dead: 0, stored: pages * 25, duplicate: 0 },
        warnings: [],
        started_at: captureOf(now, days),
        ended_at: captureOf(now, days),
      };
    }),
  );
  return { meta: meta(now), data };
}

/** Two catalogues; the second of two sources. */
export function sources(now: Date): SourcesResponse {
  const of = (catalogue: Catalogue, source: string, titles: number) => ({
    catalogue,
    source,
    sample: catalogue === "sample",
    runs: 480,
    titles,
    observations: titles * 100,
    first_captured_at: captureOf(now, 119),
    last_captured_at: captureOf(now, 0),
  });
  return {
    meta: meta(now),
    data: [
      of("mal", "https://api.example/v4", 1203),
      of("mal", "https://mirror.example/v1", 411),
      of("sample", SOURCE, TITLES_IN_ALL),
    ],
  };
}

/** The titles with a name like the text, in the order of the ranking. */
export function foundTitles(now: Date, q: string): TitlesResponse {
  const like = q.toLowerCase();
  const titles = Array.from({ length: TITLES.length }, (_, index) => topTitle(now, index, 1, 1)).flatMap(
    (one) => {
      const { mal_id, title, title_english, title_japanese, type, season, year, score, members } = one;
      const names = [title, title_english, title_japanese].filter((name) => name !== null);
      const named = names.find((name) => name.toLowerCase().includes(like));
      // A stand-in for likeness: the first letters are the same.
      const matched = named ?? names.find((name) => name.toLowerCase().startsWith(like.slice(0, 4)));
      if (matched === undefined) return [];
      return [
        {
          mal_id,
          title,
          title_english,
          title_japanese,
          matched,
          guess: named === undefined,
          type,
          season,
          year,
          score,
          members,
          image: null,
        },
      ];
    },
  );
  titles.sort((one, two) => Number(one.guess) - Number(two.guess));
  return { meta: meta(now), data: { titles: titles.slice(0, 10) } };
}
