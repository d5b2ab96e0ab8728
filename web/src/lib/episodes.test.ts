import { describe, expect, it } from "vitest";
import { type Airing, besideEpisode, episodesUntil } from "./episodes.ts";

const airing = (changes: Partial<Airing> = {}): Airing => ({
  type: "TV",
  episodes: 13,
  aired_from: "2026-10-07",
  aired_from_precision: "day",
  aired_to: null,
  broadcast: "Wednesdays at 23:30 (JST)",
  ...changes,
});
const days = (of: Airing, until: string) => episodesUntil(of, until).map(({ day }) => day);

describe("the estimated days of episodes", () => {
  it("are weekly from the premiere up to the last day", () => {
    expect(episodesUntil(airing(), "2026-10-21")).toEqual([
      { number: 1, day: "2026-10-07" },
      { number: 2, day: "2026-10-14" },
      { number: 3, day: "2026-10-21" },
    ]);
    expect(episodesUntil(airing(), "2027-12-31")).toHaveLength(13);
    expect(days(airing(), "2026-10-06")).toEqual([]);
  });

  it("are those of UTC: a slot in the Japanese night lies on the day before", () => {
    expect(days(airing({ broadcast: "Wednesdays at 01:05 (JST)" }), "2026-10-14")).toEqual([
      "2026-10-06",
      "2026-10-13",
    ]);
    expect(days(airing({ broadcast: "Wednesdays at 25:30 (JST)" }), "2026-10-07")).toEqual(["2026-10-07"]);
  });

  it("end with the title", () => {
    expect(days(airing({ episodes: null, aired_to: "2026-10-21" }), "2026-12-31")).toHaveLength(3);
    expect(days(airing({ episodes: null }), "2026-10-28")).toHaveLength(4);
  });

  it("are only the premiere where nothing says that it is weekly", () => {
    expect(days(airing({ type: "ONA", broadcast: null }), "2026-12-31")).toEqual(["2026-10-07"]);
    expect(days(airing({ type: "Movie", episodes: 1, broadcast: "Unknown" }), "2026-12-31")).toHaveLength(1);
    expect(days(airing({ broadcast: null }), "2026-10-14")).toHaveLength(2);
  });

  it.each([
    { aired_from: null },
    { aired_from_precision: "month" },
    { aired_from_precision: null },
  ] satisfies Partial<Airing>[])("are not known with %j", (changes) => {
    expect(episodesUntil(airing(changes), "2026-12-31")).toEqual([]);
  });
});

describe("a day beside episodes", () => {
  const episodes = episodesUntil(airing(), "2026-12-31");

  it.each([
    ["2026-10-04", "3 days before the premiere"],
    ["2026-10-06", "1 day before the premiere"],
    ["2026-10-07", "the day of the premiere"],
    ["2026-10-08", "1 day after the premiere"],
    ["2026-11-06", "2 days after episode 5"],
    ["2026-12-31", "1 day after episode 13"],
    ["2027-02-28", null],
  ])("%s is %s", (day, words) => {
    expect(besideEpisode(day, episodes)).toBe(words);
  });

  it("has nothing to say without a premiere", () => {
    expect(besideEpisode("2026-10-04", [])).toBeNull();
  });
});
