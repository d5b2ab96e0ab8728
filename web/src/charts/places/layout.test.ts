import { describe, expect, it } from "vitest";
import { type PlacedWeek, placesLayout } from "./layout.ts";

const weeks = (...places: (number | null | undefined)[]): PlacedWeek[] =>
  places.map((place, index) => ({
    week: `2026-0${1 + Math.floor(index / 4)}-${String(1 + (index % 4) * 7).padStart(2, "0")}`,
    observed: place !== undefined,
    place: place ?? null,
  }));

describe("the layout of weekly places", () => {
  it("has the first place on top and marks the first week at the peak", () => {
    const shown = weeks(8, 3, 1, 1);
    const { marks } = placesLayout(shown, shown[2]?.week ?? null, 264);
    expect(marks.map((mark) => mark?.peak)).toEqual([false, false, true, false]);
    expect((marks[2]?.y ?? 0) < (marks[0]?.y ?? 0)).toBe(true);
  });

  it("stops over a week that nobody saw, and over one without a place", () => {
    const { path, gaps } = placesLayout(weeks(3, 2, undefined, 1, 1, null, 2, 2), null, 264);
    expect(path.match(/M/g)).toHaveLength(3);
    expect(gaps).toHaveLength(1);
  });

  it("shows the newest weeks that it has room for", () => {
    const layout = placesLayout(weeks(...Array(30).fill(2)), null, 264);
    expect(layout.from).toBe(19);
    expect(layout.marks).toHaveLength(11);
    expect(layout.at(263)).toBe(10);
  });

  it("has no ring for places of three digits", () => {
    expect(placesLayout(weeks(99, 100), null, 264).marks.map((mark) => mark?.ringed)).toEqual([true, false]);
  });
});
