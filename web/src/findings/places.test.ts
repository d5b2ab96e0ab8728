import { describe, expect, it } from "vitest";
import type { Standing } from "../api/types.gen.ts";
import { placesFinding } from "./places.ts";

const standing = (changes: Partial<Standing>): Standing => ({
  place: 4,
  last_week: 4,
  peak: 1,
  peak_week: "2026-10-05",
  weeks: 8,
  ...changes,
});

describe("a title's place on the weekly list", () => {
  it.each([
    [{ last_week: 9 }, "Up from ninth to fourth in the week of 23 Nov"],
    [{ last_week: 2 }, "Down from second to fourth in the week of 23 Nov"],
    [{}, "Fourth in the week of 23 Nov and the one before; its best was first in the week of 5 Oct"],
    [{ place: 1, last_week: 1 }, "First in the week of 23 Nov and the one before; 8 weeks on the list"],
    [{ last_week: null, peak: 4, weeks: 1 }, "Fourth in the week of 23 Nov"],
    [{ place: null }, "No place in the week of 23 Nov; its best was first in the week of 5 Oct"],
    [{ place: null, peak: null }, "Not on the weekly list"],
  ])("%j", (changes: Partial<Standing>, words) => {
    const { place, last_week } = standing(changes);
    expect(placesFinding(standing(changes), "2026-11-23", [9, last_week, place])).toBe(words);
  });

  it.each([
    [[4, 1, 1, 1, 1], "First in the week of 23 Nov and the three before; 8 weeks on the list"],
    [[1, 1], "First in the week of 23 Nov and the one before; 8 weeks on the list"],
    [[1, null, 1], "First in the week of 23 Nov; 8 weeks on the list"],
  ])("counts the weeks on end that it has held it: %j", (places, words) => {
    expect(placesFinding(standing({ place: 1, last_week: 1 }), "2026-11-23", places)).toBe(words);
  });
});
