import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { brokenLine, gaps, weakLine } from "./line.ts";

const point = fc.option(
  fc.record({
    x: fc.double({ noNaN: true, min: -1e4, max: 1e4 }),
    y: fc.double({ noNaN: true, min: -1e4, max: 1e4 }),
  }),
  { nil: null },
);

describe("a broken line", () => {
  it("stops where a value is missing and starts again after it", () => {
    const line = brokenLine([{ x: 0, y: 1 }, { x: 1, y: 2 }, null, { x: 3, y: 4 }, { x: 4, y: 5 }]);
    expect(line.path).toBe("M0 1L1 2M3 4L4 5");
  });

  it("gives a value between two gaps as a point of its own", () => {
    expect(brokenLine([null, { x: 1, y: 2 }, null])).toEqual({ path: "", isolated: [{ x: 1, y: 2 }] });
  });

  it("never bridges, never invents a point, never writes NaN", () => {
    fc.assert(
      fc.property(fc.array(point), (points) => {
        const { path, isolated } = brokenLine(points);
        const known = points.filter((one) => one !== null).length;
        const drawn = (path.match(/[ML]/g) ?? []).length + isolated.length;
        const joins = points.filter(
          (one, index) => one !== null && index > 0 && points[index - 1] !== null,
        ).length;
        expect(path).not.toContain("NaN");
        expect(drawn).toBe(known);
        expect((path.match(/L/g) ?? []).length).toBe(joins);
      }),
    );
  });
});

describe("gaps", () => {
  it("are found at the start, in the middle and at the end", () => {
    expect(gaps([null, 1, null, null, 2, null])).toEqual([
      { from: 0, to: 0 },
      { from: 2, to: 3 },
      { from: 5, to: 5 },
    ]);
  });

  it("cover exactly what is missing", () => {
    fc.assert(
      fc.property(fc.array(fc.option(fc.integer(), { nil: null })), (values) => {
        const covered = new Set(gaps(values).flatMap(({ from, to }) => range(from, to)));
        expect(values.map((value) => value === null)).toEqual(values.map((_, index) => covered.has(index)));
      }),
    );
  });
});

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, step) => from + step);
}

describe("a line with weak points", () => {
  it("is dotted to and from them, solid between the others, and broken by a gap", () => {
    const at = (x: number, weak = false) => ({ x, y: 0, weak });
    const points = [at(0), at(1), at(2, true), at(3), at(4), null, at(6), at(7)];
    expect(weakLine(points, (point) => point.weak)).toEqual({
      solid: "M0 0L1 0M3 0L4 0M6 0L7 0",
      dotted: "M1 0L2 0L3 0",
    });
  });
});
