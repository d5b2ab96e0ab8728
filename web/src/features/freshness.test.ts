import { describe, expect, it } from "vitest";
import { meta } from "../testing/fixtures.ts";
import { NOW } from "../testing/server.ts";
import { fileSource, staleWords } from "./freshness.ts";

const read = (stale: boolean, at = "11:40", isError = false) => ({
  data: { meta: meta(NOW, { stale }), readAt: `2026-11-23T${at}:00Z` },
  isError,
});

describe("a file's source", () => {
  it("says what the page around it does: that all is invented, and of when", () => {
    expect(fileSource("Source: here.", read(false))).toBe("Sample data, all invented. Source: here.");
    expect(fileSource("Source: here.", read(true))).toBe(
      "Sample data, all invented. Source: here. As of 11:40 UTC.",
    );
    const mal = { meta: meta(NOW, { catalogue: "mal" }), readAt: NOW.toISOString() };
    expect(fileSource("Source: here.", { data: mal, isError: false })).toBe("Source: here.");
  });
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

  it("are not those of another choice, where only the chosen one cannot be read", () => {
    expect(staleWords([["the genres", { ...read(false, "11:40", true), isPlaceholder: true }]])).toBeNull();
    expect(staleWords([["the genres", { ...read(true), isPlaceholder: true }]])).toBe("As of 11:40 UTC.");
  });

  it("are not those that never came", () => {
    expect(staleWords([["the ranking", { isError: true }]])).toBeNull();
  });
});
