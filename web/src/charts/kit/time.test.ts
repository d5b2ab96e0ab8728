import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { timeScale } from "./time.ts";

describe("a scale of days", () => {
  it("sets each day in the middle of its part", () => {
    const scale = timeScale("2026-11-01", 10, [0, 100]);
    expect([scale.x(0), scale.x(9), scale.start(1), scale.at(14)]).toEqual([5, 95, 10, 1]);
    expect(scale.indexOf("2026-11-03")).toBe(2);
    expect(scale.indexOf("2026-10-31")).toBeNull();
    expect(scale.indexOf("2026-11-11")).toBeNull();
  });

  it.each([
    [7, 500, ["26 Nov", "27 Nov", "28 Nov", "29 Nov", "30 Nov", "1 Dec", "2 Dec"]],
    [90, 500, ["1 Dec 2026", "15 Dec", "1 Jan 2027", "15 Jan", "1 Feb", "15 Feb"]],
    [90, 280, ["1 Dec 2026", "1 Jan 2027", "1 Feb"]],
    [400, 600, ["Jan 2027", "Apr 2027", "Jul 2027", "Oct 2027"]],
    [3650, 600, ["2028", "2030", "2032", "2034", "2036"]],
  ])("names %i days on %i pixels", (days, width, names) => {
    expect(timeScale("2026-11-26", days, [0, width]).ticks.map(({ label }) => label)).toEqual(names);
  });

  it("names its ends where no two round dates lie between", () => {
    const names = timeScale("2026-11-03", 4, [0, 90]).ticks.map(({ label }) => label);
    expect(names).toEqual(["3 Nov 2026", "6 Nov 2026"]);
  });

  it("finds every day again under its own pixel, and keeps dates apart", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3660 }), fc.integer({ min: 200, max: 1500 }), (days, width) => {
        const scale = timeScale("2020-02-27", days, [36, 36 + width]);
        for (let index = 0; index < days; index += Math.ceil(days / 50)) {
          expect(scale.at(scale.x(index))).toBe(index);
        }
        const xs = scale.ticks.map(({ x }) => x);
        if (xs.length > 2) {
          xs.slice(1).forEach((x, index) => {
            expect(x - (xs[index] ?? 0)).toBeGreaterThan(50);
          });
        }
        expect(xs.length).toBeLessThanOrEqual(9);
      }),
    );
  });
});
