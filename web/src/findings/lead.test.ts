import { describe, expect, it } from "vitest";
import type { RankingRun, TopAnime, TopTitle } from "../api/types.gen.ts";
import { textOf } from "../lib/richText.ts";
import { topAnime } from "../testing/fixtures.ts";
import { NOW } from "../testing/server.ts";
import { leadFinding } from "./lead.ts";

const sample = topAnime(NOW).data;

/** A score of a day; `null` where nobody looked. */
type Seen = number | "no score" | null;

function top(changes: Partial<TopTitle>, seen: Seen[], whole: Partial<TopAnime> = {}): TopAnime {
  const scores = seen.map((score) => (score === "no score" ? null : score));
  const spark = scores.map((score, index) => ({
    day: `2026-11-${String(index + 10)}`,
    score,
    observed: seen[index] !== null,
  }));
  const [leader, ...others] = sample.titles;
  if (!leader) throw new Error("the sample has a leader");
  return {
    ...sample,
    titles: [{ ...leader, score: scores.at(-1) ?? null, spark, ...changes }, ...others],
    ...whole,
  };
}

function headline(data: TopAnime): string | undefined {
  const lead = leadFinding(data);
  return lead ? textOf(lead.headline, "english") : undefined;
}

function lede(data: TopAnime): string {
  return textOf(leadFinding(data)?.lede ?? [], "english");
}

describe("the leading title's finding", () => {
  it("is a change of places first", () => {
    const data = top({ previous_place: 3, move: 2 }, [8.9, 9.1]);
    expect(headline(data)).toBe("Beyond the Ink takes first place");
    expect(lede(data)).toContain("It was third on 22 November.");
    const minutesAgo = { ...sample.previous, captured_at: "2026-11-23T03:58:00Z" } as RankingRun;
    expect(lede({ ...data, previous: minutesAgo })).toContain("It was third at 03:58 UTC.");
  });

  it("is a title that was not there before", () => {
    expect(headline(top({ previous_place: null, move: null }, []))).toBe(
      "Beyond the Ink enters the ranking at the top",
    );
  });

  it("claims no first place for who stands second", () => {
    expect(headline(top({ place: 2, previous_place: 2, move: 0 }, [9, 9]))).toBe(
      "Beyond the Ink is second, the highest place known",
    );
    const second = top({ place: 2, previous_place: 2, move: 0 }, [9, 9]);
    expect(lede(second)).toMatch(
      /^What stands above it is not shown: an adult title, or a row that did not pass the check\. /,
    );
    expect(lede({ ...second, run: { ...sample.run, state: "running" } as RankingRun })).toContain(
      "check, or a page that has not come.",
    );
    expect(headline(top({ previous_place: null, move: null }, [9, 9, 9]))).toBe(
      "Beyond the Ink leads the ranking with 9.00",
    );
  });

  it("is a whole or half score crossed upwards, with the day", () => {
    const data = top({}, [8.98, 8.99, 9.0, 9.03]);
    expect(headline(data)).toBe("Beyond the Ink rose above 9.00 on 13 November");
    expect(leadFinding(data)?.mark).toBe(9);
    expect(headline(top({}, [8.98, 9.03, null]))).toContain("on 11 November");
  });

  it("calls a score of just the line neither above nor below it", () => {
    expect(headline(top({}, [8.9, 8.95, 9.0]))).toContain("gained 0.10");
    expect(headline(top({}, [9.1, 9.05, 9.0]))).toContain("lost 0.10");
    expect(headline(top({}, [9.0, 9.0, 9.01]))).toContain("rose above 9.00");
    expect(headline(top({}, [8.4, 8.7, 9.0]))).toContain("rose above 8.50");
  });

  it("is a score crossed downwards", () => {
    const data = top({}, [9.01, 9.0, 8.99, 8.98]);
    expect(headline(data)).toBe("Beyond the Ink fell below 9.00 on 12 November");
  });

  it("lies between the days observed where nobody looked", () => {
    expect(headline(top({}, [8.98, null, null, 9.03]))).toBe(
      "Beyond the Ink rose above 9.00 between 10 and 13 November",
    );
  });

  it("counts the last crossing, not an earlier one", () => {
    expect(headline(top({}, [8.9, 9.1, 8.9, 8.95, 9.02]))).toContain("on 14 November");
  });

  it("takes a crossing for news for a week only", () => {
    const held = (days: number) => headline(top({}, [8.98, ...Array.from({ length: days }, () => 9.04)]));
    expect(held(7)).toBe("Beyond the Ink rose above 9.00 on 11 November");
    expect(held(8)).toBe("Beyond the Ink leads by 0.10");
  });

  it("is the week's change, and since when", () => {
    expect(headline(top({}, [9.1, null, 9.14]))).toBe(
      "Beyond the Ink gained 0.04 since 10 November and leads the ranking",
    );
    expect(headline(top({}, [9.14, 9.1]))).toBe(
      "Beyond the Ink lost 0.04 since 10 November and leads the ranking",
    );
    // A line that rose from its first score, and has fallen for a week: the day a week ago was not observed.
    const long = top({}, [8.6, 8.9, null, 9.2, 9.19, 9.18, 9.17, 9.16, 9.15, 9.15]);
    expect(headline(long)).toBe("Beyond the Ink rose above 9.00 between 11 and 13 November");
    expect(headline(top({}, [8.6, 9.2, null, 9.2, 9.19, 9.18, 9.17, 9.16, 9.15, 9.15]))).toBe(
      "Beyond the Ink lost 0.05 since 11 November and leads the ranking",
    );
  });

  it("counts from the first score where that is no week old", () => {
    expect(headline(top({}, ["no score", 9.1, 9.14]))).toBe(
      "Beyond the Ink gained 0.04 since its first score on 11 November and leads the ranking",
    );
  });

  it("warns of a score of few votes", () => {
    const votes = (scored_by: number | null) => headline(top({ scored_by }, [9.01, 9.01]));
    expect(votes(999)).toBe("Beyond the Ink leads the ranking with 9.01 (few votes)");
    expect(votes(1000)).not.toContain("few votes");
    expect(votes(null)).not.toContain("few votes");
    expect(lede(top({ scored_by: 212 }, [9.01, 9.01]))).toMatch(/^Only 212 people voted for it\. /);
  });

  it("is the distance to the next one, where that is large", () => {
    expect(headline(top({}, [9.1, 9.1]))).toBe("Beyond the Ink leads by 0.16");
  });

  it("is else what is shown", () => {
    expect(headline(top({}, [9.01, 9.01]))).toBe("Beyond the Ink leads the ranking with 9.01");
    expect(headline(top({}, [null]))).toBe("Beyond the Ink leads the ranking");
  });

  it("says who follows, and that two may share a score", () => {
    expect(lede(top({}, [9.01, 9.01]))).toContain(
      "The Bureau of Daybreak Traffic follows with 8.94, 0.07 behind.",
    );
    expect(lede(top({}, [8.94, 8.94]))).toContain("The Bureau of Daybreak Traffic has the same score.");
    expect(headline(top({}, [8.94, 8.94]))).toBe("Beyond the Ink shares the highest score, 8.94");
    expect(headline(top({}, [8.9, 8.94]))).toBe(
      "Beyond the Ink gained 0.04 since 10 November and shares the highest score",
    );
  });

  it("admits days that were not observed, but not those before the first", () => {
    expect(lede(top({}, [null, null, 9.01, null, 9.01]))).toContain(
      "13 November was not observed; the line breaks there.",
    );
    expect(lede(top({}, [null, 9.01, 9.01]))).not.toContain("not observed");
  });

  it("calls no day unobserved on which the title had no score", () => {
    expect(lede(top({}, ["no score", "no score", 9.01, 9.01]))).not.toMatch(/observed|no score/);
    expect(lede(top({}, [9.01, "no score", "no score", 9.01]))).toContain(
      "On two days the leader had no score; the line breaks there.",
    );
    expect(lede(top({}, [9.01, null, "no score", 9.01]))).toContain(
      "11 November was not observed and on one day the leader had no score; the line breaks there.",
    );
    expect(lede(top({}, ["no score", "no score", 9.01]))).toContain(
      "Only one of the 3 days up to then has a score, so there is no line to draw.",
    );
  });

  it("says why there is no line", () => {
    expect(lede(top({}, [null, null, 9.01]))).toContain(
      "Only one of the 3 days up to then was observed, so there is no line to draw.",
    );
  });

  it("is nothing without a title", () => {
    expect(leadFinding({ run: null, previous: null, titles: [] })).toBeNull();
  });

  it("needs no capture before", () => {
    expect(headline(top({ previous_place: null, move: null }, [9.01], { previous: null }))).toBe(
      "Beyond the Ink leads the ranking with 9.01",
    );
  });
});
