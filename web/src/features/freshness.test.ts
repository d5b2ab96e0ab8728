import { describe, expect, it } from "vitest";
import { meta } from "../testing/fixtures.ts";
import { NOW } from "../testing/server.ts";
import { staleWords } from "./freshness.ts";

const read = (stale: boolean, at = "11:40", isError = false) => ({
  data: { meta: meta(NOW, { stale }), readAt: `2026-11-23T${at}:00Z` },
  isError,
});

describe("old numbers", () => {
  it("are spoken of once for the whole page", () => {
    expect(
      staleWords([
        ["the ranking", read(true)],
        ["the seasons", read(true, "11:20")],
      ]),
    ).toBe("As of 11:20 UTC.");
  });

  it("are named where others are new", () => {
    const fresh = ["the captures", read(false)] as const;
    expect(
      staleWords([fresh, ["the ranking", read(true)], ["the seasons", read(false, "11:30", true)]]),
    ).toBe("The ranking and the seasons as of 11:30 UTC.");
    expect(staleWords([fresh])).toBeNull();
  });

  it("are not those that never came", () => {
    expect(staleWords([["the ranking", { isError: true }]])).toBeNull();
  });
});
