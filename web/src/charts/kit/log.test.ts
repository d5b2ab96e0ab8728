import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { logScale, rankScale } from "./log.ts";

describe("a logarithmic scale", () => {
  it("has ends that are ticks, and equal ratios equally far apart", () => {
    const scale = logScale([12, 480], [100, 0]);
    expect(scale.ticks).toEqual([10, 20, 50, 100, 200, 500]);
    expect(scale(10)).toBe(100);
    expect(scale(500)).toBe(0);
    expect(scale(20) - scale(40)).toBeCloseTo(scale(200) - scale(400));
  });

  it("keeps to powers of ten where the others are too many", () => {
    expect(logScale([3, 40_000], [100, 0]).ticks).toEqual([1, 10, 100, 1000, 10_000, 100_000]);
  });

  it("holds every value between its ends, in their order", () => {
    const values = fc.array(fc.integer({ min: 1, max: 5_000_000 }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(values, (numbers) => {
        const scale = logScale(numbers, [200, 0]);
        expect(scale.ticks.length).toBeLessThanOrEqual(8);
        const sorted = numbers.toSorted((a, b) => a - b).map(scale);
        sorted.forEach((y, index) => {
          expect(y).toBeGreaterThanOrEqual(-1e-9);
          expect(y).toBeLessThanOrEqual(200 + 1e-9);
          if (index > 0) expect(y).toBeLessThanOrEqual((sorted[index - 1] ?? 0) + 1e-9);
        });
      }),
    );
  });
});

describe("a scale of places", () => {
  it("has the first on top, and no place zero", () => {
    const scale = rankScale([1, 8, 12], [100, 0]);
    expect(scale(1)).toBeLessThan(scale(8));
    expect(scale.ticks.map(scale.format)).toEqual(["#1", "#5", "#10", "#15"]);
  });

  it("is logarithmic where places lie far apart", () => {
    const scale = rankScale([11, 420], [100, 0]);
    expect(scale.ticks.map(scale.format)).toEqual(["#10", "#20", "#50", "#100", "#200", "#500"]);
    expect(scale(11)).toBeLessThan(scale(420));
  });

  it("draws a place that never moves", () => {
    const scale = rankScale([1, 1, 1], [100, 0]);
    expect(Number.isFinite(scale(1))).toBe(true);
    expect(scale.ticks[0]).toBe(1);
  });
});
