import { describe, expect, it } from "vitest";
import { scoreOrWhy } from "../lib/format.ts";
import { meta } from "../testing/fixtures.ts";
import { NOW } from "../testing/server.ts";
import { holes, lastDay, withMissed } from "./days.ts";

const last = (captured_at: string | null, asOf?: string) =>
  lastDay(meta(NOW, { captured_at }), { readAt: NOW.toISOString(), asOf });

describe("the last day of the line", () => {
  it("is the newest one captured", () => {
    expect(last("2026-11-23T04:12:00Z")).toBe("2026-11-23");
    expect(last(null)).toBeNull();
  });

  it("is yesterday where nothing was captured since, and never a day that is not over", () => {
    expect(last("2026-11-22T04:12:00Z")).toBe("2026-11-22");
    expect(last("2026-11-19T04:12:00Z")).toBe("2026-11-22");
  });

  it("is no later than the day before the newest capture's own", () => {
    const fast = (today: string) =>
      lastDay(meta(NOW, { captured_at: "2026-11-17T04:12:00Z" }), { readAt: NOW.toISOString(), today });
    expect(["2026-11-17", "2026-11-18", "2026-11-20"].map(fast)).toEqual([
      "2026-11-17",
      "2026-11-17",
      "2026-11-19",
    ]);
  });

  it("is no later than what is shown as of", () => {
    expect(last("2026-11-17T04:12:00Z", "2026-11-19")).toBe("2026-11-19");
    expect(last("2026-11-17T04:12:00Z", "2026-11-19T01:00:00Z")).toBe("2026-11-18");
    expect(last("2026-11-17T04:12:00Z", "2027-11-19")).toBe("2026-11-22");
  });

  it("is the last one captured of an archive", () => {
    expect(last("2026-05-11T04:12:00Z")).toBe("2026-05-11");
  });
});

describe("the days of the line", () => {
  const day = { day: "2026-11-30", score: 9, observed: true };

  it("go on as not observed", () => {
    expect(withMissed([day], "2026-12-02")).toEqual([
      day,
      { day: "2026-12-01", score: null, observed: false },
      { day: "2026-12-02", score: null, observed: false },
    ]);
    expect(withMissed([day], "2026-11-30")).toEqual([day]);
    expect(withMissed([day], "2026-11-20")).toEqual([day]);
    expect(withMissed([day], null)).toEqual([day]);
    expect(withMissed([], "2026-11-20")).toEqual([]);
  });

  it("do not go on for years", () => {
    expect(withMissed([day], "2030-01-01")).toHaveLength(61);
  });
});

describe("the words for a hole in a line", () => {
  const seen = { day: "2026-11-30", score: 9, observed: true };
  const unscored = { ...seen, score: null };
  const missed = { ...unscored, observed: false };

  it("tell a day that nobody looked from one without a score", () => {
    expect([seen, unscored, missed, undefined].map(scoreOrWhy)).toEqual([
      "9.00",
      "no score",
      "not observed",
      "not observed",
    ]);
    expect(holes([seen, missed, missed, unscored])).toBe("2 days not observed, 1 day without a score");
    expect(holes([seen, unscored])).toBe("1 day without a score");
    expect(holes([seen])).toBeNull();
  });
});
