import { describe, expect, it } from "vitest";
import { daysOf } from "../testing/titleDays.ts";
import { changeSincePremiere, type EpisodeRow, episodeRows, episodesFinding } from "./episodes.ts";

const FIRST = "2026-10-01";
const weekly = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    number: index + 1,
    day: `2026-10-${String(2 + index * 7).padStart(2, "0")}`,
  }));

describe("what each episode did", () => {
  it("is counted from the day before it to six days after it", () => {
    const scores = Array.from({ length: 20 }, (_, index) => (index < 8 ? 8 : 8.1));
    expect(episodeRows(daysOf(FIRST, scores), weekly(3))).toEqual([
      { number: 1, day: "2026-10-02", score: 0, members: 700 },
      { number: 2, day: "2026-10-09", score: 0.1, members: 700 },
      { number: 3, day: "2026-10-16", score: "not over yet", members: "not over yet" },
    ]);
  });

  it("is said in words where it is not known", () => {
    const scores: (number | null)[] = Array(30).fill(8);
    scores[7] = null;
    const rows = episodeRows(
      daysOf(FIRST, scores, (index) =>
        index === 0 ? { scored_by: 12 } : index === 21 ? { score: null } : {},
      ),
      weekly(4),
    );
    expect(rows.map((row) => row.score)).toEqual(["not observed", "not observed", "no score", "no score"]);
    expect(rows.map((row) => row.members)).toEqual(["not observed", "not observed", 700, 700]);
    const few = daysOf(FIRST, Array(16).fill(8), (index) => (index === 0 ? { scored_by: 12 } : {}));
    expect(episodeRows(few, weekly(2))[0]?.score).toBe("too few votes");
  });

  it("needs two episodes in observed days", () => {
    expect(episodeRows(daysOf(FIRST, Array(30).fill(8)), weekly(1))).toEqual([]);
    const gap = Array.from({ length: 20 }, (_, index) => (index === 8 ? null : 8));
    expect(episodeRows(daysOf(FIRST, gap), weekly(2))).toEqual([]);
    expect(episodeRows([], weekly(2))).toEqual([]);
  });

  it("leaves out an episode on the first day shown, which has no day before", () => {
    const rows = episodeRows(daysOf("2026-10-02", Array(28).fill(8)), weekly(4));
    expect(rows.map(({ number }) => number)).toEqual([2, 3, 4]);
  });
});

describe("the finding about episodes", () => {
  const rows = (...scores: EpisodeRow["score"][]): EpisodeRow[] =>
    scores.map((score, index) => ({ number: index + 1, day: FIRST, score, members: 1 }));

  it("names the few that did most", () => {
    expect(episodesFinding(rows(0.01, 0, 0.2, 0.02, 0.3, -0.1), 0.6)).toBe(
      "Episodes 3 and 5 did most of the work",
    );
    expect(episodesFinding(rows(0.01, 0, 0.5), 0.5)).toBe("Episode 3 did most of the work");
  });

  it("names the largest where most of the change is no episode's", () => {
    expect(episodesFinding(rows(0.01, 0, 0.08, 0.02), 0.4)).toBe("Episode 3 moved the score most: +0.08");
    expect(episodesFinding(rows(0.01, 0, 0.5), 1)).toBe("Episode 3 moved the score most: +0.50");
    expect(episodesFinding(rows(0.01, 0, 0.5), -0.2)).toBe("Episode 3 moved the score most: +0.50");
    expect(episodesFinding(rows(-0.2, -0.1), -0.3)).toBe("Episode 1 moved the score most: −0.20");
    expect(episodesFinding(rows(0.01, 0, 0.5), null)).toBe("Episode 3 moved the score most: +0.50");
  });

  it("does not call the largest known the largest where the effect of one is not known", () => {
    expect(episodesFinding(rows("no score", 0, 0.08), 0.4)).toBe(
      "Of the episodes with a known effect, episode 3 moved the score most: +0.08",
    );
    expect(episodesFinding(rows(0.01, 0, 0.08, "not over yet"), 0.4)).toBe(
      "Episode 3 moved the score most: +0.08",
    );
  });

  it("takes the change from the day before the premiere, or the first one known", () => {
    const days = daysOf(FIRST, [7, 8, 8.2, null, 8.5, null]);
    expect(changeSincePremiere(days, [{ number: 1, day: "2026-10-03" }])).toBe(0.5);
    expect(changeSincePremiere(days, [{ number: 1, day: "2026-09-03" }])).toBe(1.5);
    expect(changeSincePremiere(daysOf(FIRST, [8]), weekly(1))).toBeNull();
  });

  it("names none where all did alike, or nothing much", () => {
    expect(episodesFinding(rows(0.1, 0.1, 0.1), 0.3)).toBe("What each episode did");
    expect(episodesFinding(rows(0.01, 0.02, "not observed"), 0.03)).toBe("What each episode did");
  });
});
