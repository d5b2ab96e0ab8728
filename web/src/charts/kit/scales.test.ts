import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bands, valueScale } from "./scales.ts";

const values = fc.array(fc.double({ noNaN: true, min: -1e6, max: 1e6 }), { maxLength: 40 });
const positive = fc.array(fc.double({ noNaN: true, min: 0, max: 1e9 }), { maxLength: 40 });

describe("a value scale", () => {
  it("keeps every value inside its range and in its order", () => {
    fc.assert(
      fc.property(values, (known) => {
        const scale = valueScale(known, { range: [300, 10] });
        const sorted = known.toSorted((a, b) => a - b).map(scale);
        for (const pixel of sorted) {
          expect(pixel).toBeGreaterThanOrEqual(10 - 1e-6);
          expect(pixel).toBeLessThanOrEqual(300 + 1e-6);
        }
        expect(sorted).toEqual(sorted.toSorted((a, b) => b - a));
      }),
    );
  });

  it("puts zero at the base line of bars", () => {
    fc.assert(
      fc.property(positive, (known) => {
        expect(valueScale(known, { range: [0, 200], zero: true })(0)).toBe(0);
      }),
    );
  });

  it("has few ticks, each written differently", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ noNaN: true, min: 1, max: 10 }), { minLength: 1, maxLength: 20 }),
        (known) => {
          const scale = valueScale(known, { range: [0, 100], span: 0.12 });
          const written = scale.ticks.map(scale.format);
          expect(new Set(written).size).toBe(written.length);
          // Where steps of 0.2 give seven, steps of 0.5 may give three; none between them is round.
          expect(written.length).toBeGreaterThanOrEqual(3);
          expect(written.length).toBeLessThanOrEqual(6);
        },
      ),
    );
  });

  it("takes a wider step rather than a seventh tick", () => {
    const scale = valueScale([8.76, 9.08], { range: [300, 0] });
    expect(scale.ticks.map(scale.format)).toEqual(["8.7", "8.8", "8.9", "9.0", "9.1"]);
  });

  it("does not blow up noise: a flat line stands in the middle", () => {
    const scale = valueScale([9.01, 9.02], { range: [100, 0], span: 0.2 });
    expect(scale(9.01)).toBeGreaterThan(40);
    expect(scale(9.02)).toBeLessThan(60);
  });

  it("works without any value", () => {
    const scale = valueScale([], { range: [0, 100] });
    expect([scale(0), scale(1)]).toEqual([0, 100]);
  });
});

describe("bands", () => {
  it("find the place of their own middles, and nothing outside", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 50, max: 2000 }), (count, width) => {
        const x = bands(count, [10, 10 + width]);
        for (let index = 0; index < count; index++) expect(x.at(x.center(index))).toBe(index);
        expect(x.at(-1e6)).toBe(0);
        expect(x.at(1e6)).toBe(count - 1);
      }),
    );
  });
});
