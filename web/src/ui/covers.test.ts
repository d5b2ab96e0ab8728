import { describe, expect, it } from "vitest";
import { coverOf, SCENES } from "./covers.ts";

describe("an invented cover", () => {
  it("is the same for the same title", () => {
    expect(coverOf(9003)).toEqual(coverOf(9003));
  });

  it("differs between neighbours, and leaves no scene out", () => {
    const covers = Array.from({ length: 60 }, (_, id) => coverOf(id));
    expect(new Set(covers.map((cover) => `${cover.scene} ${cover.dark}`)).size).toBeGreaterThan(50);
    expect(new Set(covers.map((cover) => cover.scene)).size).toBe(SCENES.length);
  });
});
