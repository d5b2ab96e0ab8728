import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Episode } from "../lib/episodes.ts";
import { daysOf } from "../testing/titleDays.ts";
import { titleFinding } from "./title.ts";

const FIRST = "2026-10-01";
const episode = (number: number, day: string): Episode => ({ number, day });
const flat = (count: number, value: number) => Array<number>(count).fill(value);
const headline = (scores: (number | null)[], episodes: Episode[] = []) =>
  titleFinding(daysOf(FIRST, scores), episodes, "score").headline;

describe("the finding of a title", () => {
  it("is the largest rise around an episode", () => {
    const scores = [...flat(6, 8.3), 8.42, 8.5, 8.52, ...flat(9, 8.52), 8.57, ...flat(6, 8.57)];
    const { headline: words, remark } = titleFinding(
      daysOf(FIRST, scores),
      [episode(5, "2026-10-06"), episode(6, "2026-10-19")],
      "score",
    );
    expect(words).toBe("After episode 5 the score rose 0.20 in three days and never fell back");
    expect(remark).toEqual({ day: "2026-10-08", lines: ["Episode 5", "+0.20 in 3 days"] });
  });

  it("says where the rise is lost again, and where it is too young to tell", () => {
    const rise = [...flat(5, 8.3), 8.5];
    const at = [episode(1, "2026-10-05")];
    expect(headline([...rise, ...flat(9, 8.31)], at)).toBe(
      "After the premiere the score rose 0.20 in two days, and has lost that again",
    );
    expect(headline([...rise, 8.5], at)).toBe("After the premiere the score rose 0.20 in two days");
  });

  it("counts the days that the change is taken over, and says where some are missing", () => {
    const { headline: words, remark } = titleFinding(
      daysOf(FIRST, [...flat(3, 8.3), null, 8.4, null, 8.5]),
      [episode(5, "2026-10-05")],
      "score",
    );
    expect(words).toBe("After episode 5 the score rose 0.20 over four days (not all observed)");
    expect(remark?.lines).toEqual(["Episode 5", "+0.20 over 4 days (not all observed)"]);
  });

  it("says that it never fell back only where no later day is lower, but for noise", () => {
    const rise = [...flat(5, 8.3), 8.5];
    const at = [episode(1, "2026-10-05")];
    const words = "After the premiere the score rose 0.20 in two days";
    expect(headline([...rise, ...flat(9, 8.48)], at)).toBe(`${words} and never fell back`);
    expect(headline([...rise, 8.47, ...flat(8, 8.5)], at)).toBe(words);
  });

  it("names the year of a day of another one", () => {
    expect(titleFinding(daysOf("2025-12-30", [8, 8, 8, 8.5]), [], "score").headline).toBe(
      "The score rose 0.50 to 8.50 since 30 December 2025",
    );
  });

  it("tells a fall alike", () => {
    const scores = [...flat(5, 8.3), 8.1, ...flat(9, 8.08)];
    expect(headline(scores, [episode(3, "2026-10-06")])).toBe(
      "On the day of episode 3 the score fell 0.20 and has not come back",
    );
  });

  it("tells the trend where an episode was but a small part of it", () => {
    const slow = Array.from({ length: 70 }, (_, index) => 8 + index * 0.01);
    const scores = slow.map((score, index) => Number((score + (index >= 35 ? 0.06 : 0)).toFixed(2)));
    expect(headline(scores, [episode(3, "2026-11-05")])).toBe("The score rose 0.75 to 8.75 since 1 October");
  });

  it("takes no ordinary day for a jump", () => {
    const noisy = Array.from({ length: 40 }, (_, index) => 8.3 + (index % 2) * 0.06);
    expect(headline(noisy, [episode(2, "2026-10-15")])).toMatch(
      /^The score held within 0\.06 of 8\.36; 3,900 members joined/,
    );
  });

  it("says that a score held at its last value only where it never had another", () => {
    expect(headline(flat(9, 7.8))).toMatch(/^The score held at 7\.80; /);
    expect(headline([...flat(5, 7.81), ...flat(4, 7.8)])).toMatch(/^The score held within 0\.01 of 7\.80; /);
    expect(headline([7.8, 7.79, ...flat(4, 7.8)])).toMatch(/^The score held within 0\.01 of 7\.80; /);
  });

  it("never compares over days that nobody saw", () => {
    const scores = [...flat(4, 8.3), null, null, null, null, 8.6, ...flat(9, 8.6)];
    expect(headline(scores, [episode(2, "2026-10-09")])).toBe("The score rose 0.30 to 8.60 since 1 October");
  });

  it("leaves scores of few votes out", () => {
    const days = daysOf(FIRST, [9.5, 8.1, 8.3, 8.3], (index) => ({ scored_by: index < 2 ? 90 : 2000 }));
    expect(titleFinding(days, [episode(1, "2026-10-02")], "score").headline).toMatch(
      /^The score held at 8\.30/,
    );
    const few = daysOf(FIRST, [9.5, 8.1], () => ({ scored_by: 90 }));
    expect(titleFinding(few, [], "score").headline).toBe(
      "Too few votes for a score yet; 100 members joined since 1 October",
    );
  });

  it("says what a single capture supports", () => {
    expect(headline([null, 8.3, null])).toBe(
      "Observed once, on 2 October: a score of 8.30 and 10,100 members",
    );
    expect(headline([null])).toBe("Nothing was observed in these days");
    expect(headline([])).toBe("Nothing was observed in these days");
  });

  it.each([
    ["rank", "Rank improved by 3 places to #37 since 1 October"],
    ["popularity", "Popularity improved by 3 places to #397 since 1 October"],
    ["favorites", "Favourites rose by 3 to 203 since 1 October"],
  ] as const)("tells the trend of %s, up being better", (measure, words) => {
    expect(titleFinding(daysOf(FIRST, [8, 8, 8, 8]), [], measure).headline).toBe(words);
  });

  it("tells a fallen rank, an unchanged one, and none", () => {
    const ranks = (...of: (number | null)[]) =>
      titleFinding(
        daysOf(FIRST, flat(of.length, 8), (index) => ({ rank: of[index] ?? null })),
        [],
        "rank",
      ).headline;
    expect(ranks(4, 5)).toBe("Rank fell by 1 place to #5 since 1 October");
    expect(ranks(4, 4)).toBe("Rank is unchanged since 1 October: #4");
    expect(ranks(null, 4)).toBe("Rank: #4 on 2 October");
    expect(ranks(null, null)).toBe("No rank was observed in these days");
  });

  it("is always one plain sentence", () => {
    const scores = fc.array(fc.option(fc.integer({ min: 100, max: 1000 }), { nil: null }), { maxLength: 60 });
    fc.assert(
      fc.property(scores, fc.integer({ min: 0, max: 59 }), (cents, at) => {
        const days = daysOf(
          FIRST,
          cents.map((value) => (value === null ? null : value / 100)),
        );
        const day = days[at]?.day;
        const { headline: words, remark } = titleFinding(days, day ? [episode(4, day)] : [], "score");
        expect(words).not.toMatch(/NaN|undefined|null|Infinity|–/);
        if (remark) expect(days.some((one) => one.day === remark.day && one.observed)).toBe(true);
      }),
    );
  });
});
