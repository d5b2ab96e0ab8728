import { describe, expect, it } from "vitest";
import type { RankingRun, Run, RunDay, TopAnime } from "../api/types.gen.ts";
import { textOf } from "../lib/richText.ts";
import { isCompared } from "../lib/seasons.ts";
import { genreDistribution, runDays, runs, seasonalTrend, topAnime } from "../testing/fixtures.ts";
import { NOW } from "../testing/server.ts";
import { type CaptureLine, captureStatus, stripName, stripSummary } from "./captureStatus.ts";
import { bestScored, comparedRows, comparisonRule, genresFinding } from "./genres.ts";
import { rankingFinding } from "./ranking.ts";
import { begun, seasonNote, seasonsFinding } from "./seasons.ts";

describe("the ranking's finding", () => {
  const sample = topAnime(NOW).data;
  const moved = (moves: (number | null)[], whole: Partial<TopAnime> = {}): string => {
    const titles = sample.titles.slice(0, moves.length).map((title, index) => {
      const move = moves[index] ?? null;
      return { ...title, move, spark: move === null ? title.spark.slice(-1) : title.spark };
    });
    return textOf(rankingFinding({ ...sample, titles, ...whole }), "romaji");
  };

  it("names the one that moved furthest", () => {
    expect(moved([0, 1, -1, 3])).toBe("Kumo Banchi climbed three places to fourth");
    expect(moved([0, 0, -2, 1])).toBe("Shiokaze Tegami fell two places to third");
  });

  it("counts where no one title moved furthest", () => {
    expect(moved([0, 1, -1, 0])).toBe("Two titles of four changed places");
  });

  it("names who is new", () => {
    expect(moved([0, 0, null])).toBe("Shiokaze Tegami is new at third");
    expect(moved([2, null, null])).toBe(
      "Sumi no Kanata climbed two places to first; two of the three are new",
    );
  });

  it("calls no title new that was seen before", () => {
    const titles = sample.titles.slice(0, 2).map((title) => ({ ...title, move: null }));
    expect(textOf(rankingFinding({ ...sample, titles }), "romaji")).toBe("The two highest scores");
  });

  it("says plainly that nothing moved, or that nothing can have moved", () => {
    expect(moved([0, 0, 0])).toBe("All three kept their places since 22 November");
    const minutesAgo = { ...sample.previous, captured_at: "2026-11-23T03:58:00Z" } as RankingRun;
    expect(moved([0, 0, 0], { previous: minutesAgo })).toBe("All three kept their places since 03:58 UTC");
    expect(moved([null, null], { previous: null })).toBe("The two highest scores");
  });
});

describe("the genres' finding", () => {
  const { data } = genreDistribution(NOW);

  it("names what most titles are, and what is scored highest", () => {
    expect(genresFinding(data, "genre", true)).toBe(
      "33\u202f% of the titles observed are Comedy; of the common genres, Drama has the highest mean score, 7.58",
    );
  });

  it("is none of lists that are not whole", () => {
    expect(genresFinding(data, "theme", false)).toBe("Titles by theme");
  });

  it("never prefers a mean of few scores, or of a genre that few titles have", () => {
    const row = { ...data.genres[0], genre_id: 99, name: "Rare", mean_score: 9.9 };
    const few = { ...row, scored: 3 } as (typeof data.genres)[number];
    const small = { ...row, scored: 30, share: 0.06 } as (typeof data.genres)[number];
    expect(bestScored([...data.genres, few, small], "genre")?.name).toBe("Drama");
    expect(bestScored([...data.genres, few, small], "studio")?.name).toBe("Rare");
    const many = Array.from({ length: 20 }, () => few);
    expect(bestScored([...data.genres, ...many, small], "studio")?.name).not.toBe("Rare");
  });

  it("says for every kind which scores are compared", () => {
    expect(comparisonRule("theme")).toBe(
      "The common themes are compared: those with a tenth of the titles and ten scored ones or more; scores in brackets are not.",
    );
    expect(comparisonRule("studio")).toBe(
      "The largest studios are compared: those drawn with ten scored titles or more; scores in brackets are not.",
    );
    const few = { ...data.genres[0], scored: 9 } as (typeof data.genres)[number];
    expect(comparedRows([few], "studio")).toEqual([]);
    expect(comparedRows(data.genres, "genre").every((row) => row.share >= 0.1)).toBe(true);
  });

  it("makes no superlative of two", () => {
    const two = { ...data, genres: data.genres.slice(0, 2) };
    expect(genresFinding(two, "demographic", true)).toBe(
      "33\u202f% of the titles observed are Comedy; of the two common demographics, it has the higher mean score, 7.12",
    );
  });

  it("has words of its own for studios, and for an empty list", () => {
    expect(genresFinding(data, "studio", true)).toBe(
      "Comedy made the most titles, 131 of 401; of the largest studios, Drama has the highest mean score, 7.58",
    );
    expect(genresFinding({ titles: 0, genres: [] }, "theme", true)).toBe("Titles by theme");
  });
});

describe("the seasons' finding", () => {
  const { data } = seasonalTrend(NOW);
  const OVER = "2027-01-01T00:00:00Z";

  it("says when the newest season is the highest or the lowest", () => {
    expect(seasonsFinding(data, "mean", OVER)).toBe(
      "Autumn 2026 has the highest mean score, 7.55, of the 10 seasons compared",
    );
    const low = data.map((point, index) => (index === data.length - 1 ? { ...point, mean_score: 6 } : point));
    expect(seasonsFinding(low, "mean", OVER)).toBe(
      "Autumn 2026 has the lowest mean score, 6.00, of the 10 seasons compared",
    );
  });

  it("says of a season that is not over how much of it is known", () => {
    expect(seasonsFinding(data, "mean", "2026-12-31T23:59:59Z")).toBe(
      "Autumn 2026 has the highest mean score so far, 7.55, of the 10 seasons compared; 37 of its 40 titles are scored",
    );
    const whole = data.map((point) => ({ ...point, titles: point.scored }));
    expect(seasonsFinding(whole, "mean", "2026-12-31T23:59:59Z")).toBe(
      "Autumn 2026 has the highest mean score so far, 7.55, of the 10 seasons compared",
    );
    const level = data.map((point) => ({ ...point, mean_score: point.mean_score === null ? null : 7 }));
    expect(seasonsFinding(level, "mean", "2026-10-03T00:00:00Z")).toBe(
      "The mean score of Autumn 2026 so far, 7.00, is about level with that of Summer 2026",
    );
  });

  it("takes no record from finished seasons for one of which few titles are scored", () => {
    const early = data.map((point, index) =>
      index === data.length - 1 ? { ...point, titles: 32, scored: 6, mean_score: 7.64 } : point,
    );
    expect(seasonsFinding(early, "mean", "2026-10-03T00:00:00Z")).toMatch(/^The mean score of Summer 2026,/);
    expect([16, 17].map((scored) => isCompared({ titles: 32, scored }))).toEqual([false, true]);
  });

  it("is about seasons that have begun", () => {
    const autumn = data.at(-1);
    expect(begun(data, "2026-09-30T23:59:59Z").at(-1)).toEqual(data.at(-2));
    expect(begun(data, "2026-10-01T00:00:00Z").at(-1)).toEqual(autumn);
    expect(begun(data, null)).toEqual([]);
  });

  it("compares with the season before otherwise", () => {
    expect(seasonsFinding(data.slice(0, -2), "mean", OVER)).toBe(
      "The mean score of Spring 2026, 7.34, is 0.17 below that of Winter 2026",
    );
    const level = data
      .slice(0, -2)
      .map((point) => ({ ...point, mean_score: point.mean_score === null ? null : 7 }));
    expect(seasonsFinding(level, "mean", OVER)).toBe(
      "The mean score of Spring 2026, 7.00, is about level with that of Winter 2026",
    );
  });

  it("does not compare seasons that lie years apart", () => {
    const two = data.filter((_, index) => index === 0 || index === 5);
    expect(seasonsFinding(two, "mean", OVER)).toBe("Score and members by season");
  });

  it("leaves out a season of few scored titles", () => {
    const few = data.map((point, index) =>
      index === data.length - 1 ? { ...point, scored: 2, mean_score: 9 } : point,
    );
    expect(seasonsFinding(few, "mean", OVER)).toContain("Summer 2026");
  });

  it("says of a season why its numbers are missing or weak", () => {
    const [full] = data;
    if (!full) throw new Error("the sample has seasons");
    const note = (changes: Partial<typeof full>) => seasonNote({ ...full, ...changes }, OVER);
    expect(note({})).toBeNull();
    expect(note({ titles: 4, scored: 4 })).toBe("too few titles to compare");
    expect(note({ titles: 20, scored: 4 })).toBe("too few scores to compare: 4 of 20 titles");
    expect(note({ titles: 20, scored: 10 })).toBe("too few scores to compare: 10 of 20 titles");
    const inWinter = (changes: Partial<typeof full>) =>
      seasonNote({ ...full, ...changes }, "2024-02-01T00:00:00Z");
    expect(inWinter({})).toBe("so far");
    expect(inWinter({ titles: 32, scored: 6 })).toBe("so far, too few scores to compare: 6 of 32 titles");
    expect(note({ titles: 20, scored: 0, mean_score: null })).toBe("no title has a score");
    expect(note({ titles: 1, scored: 0, mean_score: null })).toBe("its title has no score");
    expect(note({ titles: 0, scored: 0, mean_score: null })).toBe("not observed");
  });

  it("finds nothing in lists that are not whole", () => {
    expect(seasonsFinding(data, "mean", null)).toBe("Score and members by season");
  });

  it("says what is shown where there is nothing to compare", () => {
    expect(seasonsFinding(data.slice(0, 1), "mean", OVER)).toBe("Score and members by season");
  });
});

describe("the line about the captures", () => {
  const HERE = { more: false, past: false, now: NOW };
  const wordsOf = ({ what, rejected, more }: CaptureLine) => what + (rejected ? `; ${rejected}` : "") + more;
  const all = runs(NOW).data;
  const with_ = (state: Run["state"], pages_got = 2): Run[] => {
    const [first, ...others] = all;
    if (!first) throw new Error("the sample has runs");
    return [{ ...first, state, pages_got }, ...others];
  };

  it("tells when, how much, and that it was complete", () => {
    expect(captureStatus(all, { more: false, past: false, now: NOW })).toEqual({
      state: "complete",
      when: "today at 04:12 UTC",
      instant: "2026-11-23T04:12:00Z",
      what: "4 captures, 22 pages, complete",
      rejected: null,
      more: ".",
    });
  });

  it("names what is incomplete or still coming", () => {
    expect(captureStatus(with_("incomplete"), HERE)).toMatchObject({
      state: "incomplete",
      what: "4 captures, 20 of 22 pages; incomplete: the list by score",
    });
    expect(captureStatus(with_("running"), HERE)).toMatchObject({
      state: "running",
      what: "4 captures, 20 of 22 pages; still coming: the list by score",
    });
    const [one] = all;
    if (!one) throw new Error("the sample has runs");
    const words = (dataset: string) => captureStatus([{ ...one, dataset, state: "failed" }], HERE).what;
    expect(["top.members", "season.now", "season.2026.fall", "genres", "history"].map(words)).toEqual(
      [
        "list by members",
        "list of the season",
        "list of Autumn 2026",
        "list of genres",
        "list of imported days",
      ].map((name) => `1 capture, 4 pages; incomplete: the ${name}`),
    );
  });

  it("tells of the last day on which a page came, and what was tried since", () => {
    const [first] = all;
    if (!first) throw new Error("the sample has runs");
    const withoutPages = (state: Run["state"]): Run => ({
      ...first,
      captured_at: "2026-11-24T03:10:00Z",
      pages_got: 0,
      state,
    });
    expect(captureStatus([withoutPages("failed"), ...all], HERE)).toMatchObject({
      state: "incomplete",
      instant: "2026-11-23T04:12:00Z",
      more: ". 1 capture after that brought nothing.",
    });
    expect(wordsOf(captureStatus([withoutPages("running"), ...all], HERE))).toBe(
      "4 captures, 22 pages, complete. 1 capture under way.",
    );
    expect(captureStatus([withoutPages("failed")], HERE)).toMatchObject({
      when: null,
      what: "Nothing has been captured yet. 1 capture brought nothing.",
    });
  });

  it("counts the rows that did not pass the check", () => {
    const withDead = (dead: number) => all.map((run) => ({ ...run, rows: { ...run.rows, dead } }));
    expect(captureStatus(withDead(3), HERE).state).toBe("rejected");
    expect(wordsOf(captureStatus(withDead(3), HERE))).toBe(
      "4 captures, 22 pages, complete; 12 rows rejected.",
    );
    expect(wordsOf(captureStatus(withDead(1).slice(0, 1), HERE))).toBe(
      "1 capture, 4 pages, complete; 1 row rejected.",
    );
    expect(wordsOf(captureStatus(withDead(2).slice(0, 3), { ...HERE, more: true }))).toBe(
      "more than 3 captures that day, complete; at least 6 rows rejected.",
    );
  });

  it("does not count what it cannot see", () => {
    expect(wordsOf(captureStatus(all.slice(0, 3), { ...HERE, more: true }))).toBe(
      "more than 3 captures that day, complete.",
    );
  });

  it("says so where nothing was ever captured", () => {
    expect(captureStatus([], HERE)).toMatchObject({ state: "none", when: null });
    expect(wordsOf(captureStatus([], { ...HERE, past: true }))).toBe("Nothing had been captured by then.");
  });

  it("puts the strip into words", () => {
    expect(stripSummary(runDays(NOW).data)).toBe(
      "Captures of the last 60 days: 2 (15 Nov and 16 Nov) missing, 1 (23 Oct) incomplete",
    );
    const never: RunDay[] = Array.from({ length: 5 }, () => ({
      day: "2026-01-01",
      runs: 0,
      complete: 0,
      incomplete: 0,
    }));
    expect(stripSummary(never)).toBe("Captures of the last 5 days: 5 missing, 0 incomplete");
    expect(stripName(never, false)).toBe("No capture in the last 5 days");
    expect(stripName(runDays(NOW).data, false)).toBe("Last 60 days");
    expect(stripName(runDays(NOW).data, true)).toBe("60 days before");
  });
});
