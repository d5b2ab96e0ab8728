// Answers about one invented title: ninety days and more, a premiere, a jump, a gap and few votes at first.
import type {
  JourneyResponse,
  Numbers,
  Title,
  TitleDay,
  TitleDaysResponse,
  TitleResponse,
  TitleSimilarResponse,
  TitleWeek,
  TitleWeeksResponse,
} from "../api/types.gen.ts";
import { meta } from "./fixtures.ts";
import { TITLES } from "./titles.ts";

const DAY_MS = 86_400_000;
export const TITLE_ID = 9000;
const EPOCH = 1_790_000_000_000;
const ALL_DAYS = 136;
/** Days before now: the premiere, five days that nobody looked, one more, and one with an incomplete capture. */
const PREMIERE = 68;
const GAP: readonly number[] = [32, 31, 30, 29, 28, 12];
const SHORT_VOTES = 4;

const dayBefore = (now: Date, days: number) =>
  new Date(now.getTime() - days * DAY_MS).toISOString().slice(0, 10);

/** What each episode added to the score, and to the members. */
const LIFTS = [0, 0.03, -0.02, 0.02, 0.22, 0.07, 0.06, 0.05, 0.2, 0.02];
const JOINED = [9000, 3600, 3400, 4200, 15_500, 9800, 8200, 7800, 16_500, 11_800];
const EASE = [0.55, 0.35, 0.1, 0, 0, 0, 0];
const FIRST_SCORES = [8.92, 8.05, 8.62, 8.27];

function numbersAt(before: number): Omit<Numbers, "day"> {
  const since = PREMIERE - before;
  let score = 8.29;
  let members = 18_200 + Math.round(210 * (ALL_DAYS - before));
  for (let at = 0; at <= since; at++) {
    const [episode, day] = [Math.floor(at / 7), at % 7];
    score += (LIFTS[episode] ?? 0) * (EASE[day] ?? 0) + ((at * 7) % 5) * 0.002 - 0.004;
    members += 1150 + Math.round((JOINED[episode] ?? 3000) * Math.exp(-day / 1.5) * 0.52);
  }
  const votes = since < 0 ? null : Math.round(140 * (since + 1) ** 1.62);
  const early = FIRST_SCORES[since];
  return {
    score: since < 0 ? null : Number((since < SHORT_VOTES ? (early ?? score) : score).toFixed(2)),
    scored_by: votes,
    rank: since < 0 ? null : Math.max(11, Math.round(420 * Math.exp(-since / 18))),
    popularity: Math.max(120, 2300 - (ALL_DAYS - before) * 16),
    members,
    favorites: Math.round(members / 42),
  };
}

function dayAt(now: Date, before: number): TitleDay {
  const day = dayBefore(now, before);
  if (GAP.includes(before)) {
    const none = {
      score: null,
      scored_by: null,
      rank: null,
      popularity: null,
      members: null,
      favorites: null,
    };
    return {
      day,
      observed: false,
      ...none,
      captured_at: null,
      source: null,
      run: null,
      epoch: null,
      seq: null,
      edited: false,
    };
  }
  return {
    day,
    observed: true,
    ...numbersAt(before),
    captured_at: `${day}T04:12:37Z`,
    source: "jikan-sim",
    run: `00000000-0000-5000-8000-${String(before).padStart(12, "0")}`,
    epoch: EPOCH,
    seq: 56_165 - before * 82,
    edited: false,
  };
}

/** The title itself. */
export function title(now: Date, changes: Partial<Title> = {}): TitleResponse {
  const mal_id = changes.mal_id ?? TITLE_ID;
  const invented = TITLES[mal_id - TITLE_ID];
  const numbers = (before: number) => ({ day: dayBefore(now, before), ...numbersAt(before) });
  return {
    meta: meta(now),
    data: {
      mal_id,
      title: invented?.title ?? `Mumei ${mal_id}`,
      title_english: invented?.english ?? null,
      title_japanese: invented?.japanese ?? null,
      synonyms: ["Sumikana"],
      type: "TV",
      source_material: "Manga",
      episodes: 13,
      status: "Currently Airing",
      airing: true,
      aired_from: dayBefore(now, PREMIERE),
      aired_from_precision: "day",
      aired_to: null,
      duration: "24 min per ep",
      rating: "PG-13 - Teens 13 or older",
      season: "fall",
      year: 2026,
      broadcast: "Wednesdays at 23:30 (JST)",
      image: null,
      url: null,
      name_only: false,
      genres: [
        { id: 2, name: "Adventure" },
        { id: 7, name: "Mystery" },
      ],
      themes: [{ id: 50, name: "Seafaring" }],
      demographics: [],
      studios: [{ id: 31, name: "Studio Kareha" }],
      latest: numbers(0),
      week_before: numbers(7),
      ...changes,
    },
  };
}

/** Its days. */
export function titleDays(now: Date, days = ALL_DAYS): TitleDaysResponse {
  const count = Math.min(days, ALL_DAYS);
  return {
    meta: meta(now),
    data: {
      mal_id: TITLE_ID,
      days: Array.from({ length: count }, (_, step) => dayAt(now, count - 1 - step)),
    },
  };
}

const PLACES = [8, 7, 5, 4, 4, 3, null, 1, 1, 1, 1];

/** Its weeks; one was not observed. */
export function titleWeeks(now: Date): TitleWeeksResponse {
  const monday = now.getTime() - ((now.getUTCDay() + 6) % 7) * DAY_MS;
  const weeks = PLACES.map((place, index): TitleWeek => {
    const before = (PLACES.length - 1 - index) * 7;
    const { score, members } = numbersAt(before);
    const gained = 8000 + ((index * 5711) % 23_000);
    return {
      week: new Date(monday - before * DAY_MS).toISOString().slice(0, 10),
      observed: place !== null,
      score: place === null ? null : score,
      members: place === null ? null : members,
      members_gained: place === null || index === 0 ? null : gained,
      score_place: place,
      members_place: place === null || index === 0 ? null : place + 2,
    };
  });
  const standing = (places: (number | null)[], peak: number) => ({
    place: places.at(-1) ?? null,
    last_week: places.at(-2) ?? null,
    peak,
    peak_week: weeks[places.indexOf(peak)]?.week ?? null,
    weeks: places.filter((place) => place !== null).length,
  });
  return {
    meta: meta(now),
    data: {
      mal_id: TITLE_ID,
      weeks,
      score_list: standing(
        weeks.map((week) => week.score_place),
        1,
      ),
      members_list: standing(
        weeks.map((week) => week.members_place),
        3,
      ),
      rolled_up: true,
    },
  };
}

/** Titles whose score moved alike. */
export function similarTitles(now: Date): TitleSimilarResponse {
  const own = [8.29, 8.31, 8.3, 8.32, 8.52, 8.58, null, 8.66, 8.85, 8.87];
  const titles = TITLES.slice(1, 4).map((invented, index) => ({
    mal_id: TITLE_ID + 1 + index,
    title: invented.title,
    title_english: invented.english,
    title_japanese: invented.japanese,
    season: index === 1 ? null : ("fall" as const),
    year: index === 1 ? null : 2024 - index,
    likeness: 0.93 - index * 0.03,
    weeks: own.map((score, week) =>
      score === null ? null : score - 0.4 + ((week * (index + 2)) % 3) * 0.03,
    ),
    own,
  }));
  return { meta: meta(now), data: { mal_id: TITLE_ID, since: "premiere", titles } };
}

/** Where the numbers of one day come from. */
export function journey(seq: number, malId: number | null): JourneyResponse {
  const before = Math.round((56_165 - seq) / 82);
  const at = (ms: number) =>
    new Date(Date.parse("2026-11-23T04:12:37Z") - before * DAY_MS + ms).toISOString();
  return {
    meta: meta(new Date("2026-11-23T12:00:00Z")),
    data: {
      epoch: EPOCH,
      seq,
      catalogue: "sample",
      dataset: "top.score",
      run: `00000000-0000-5000-8000-${String(before).padStart(12, "0")}`,
      run_state: "complete",
      source: "jikan-sim",
      page: 2,
      pages_planned: 41,
      url: "http://jikan-sim.example/v4/top/anime?page=2",
      judge: "rust-9f2c1a",
      contract: "snapshot-page.v2",
      received: 25,
      accepted: 25,
      dead: 0,
      stored: 24,
      duplicate: 1,
      replay_root: null,
      edited_at: null,
      edit: null,
      trace_id: "4f1c0a9e77b24b0d8d3e4f1c0a9e77b2",
      trace_url: null,
      archive: before > 30 ? "raw-1790812800000-000000005001.jsonl.zst" : null,
      captured_at: at(0),
      stored_at: at(412),
      judged_at: at(655),
      committed_at: at(918),
      row: malId === null ? null : { mal_id: malId, index: 11, position: 36 },
    },
  };
}
