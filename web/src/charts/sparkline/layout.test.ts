import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sparklineLayout } from "./layout.ts";

describe("a sparkline", () => {
  it("breaks where nothing was observed", () => {
    const { line, last } = sparklineLayout([8, 8.1, null, null, 8.2, 8.3], 96, 28);
    expect(line.path.match(/M/g)).toHaveLength(2);
    expect(last?.x).toBe(93);
  });

  it("is empty where nothing was ever observed", () => {
    expect(sparklineLayout([null, null], 96, 28)).toEqual({ line: { path: "", isolated: [] }, last: null });
  });

  it("stays in its box", () => {
    const values = fc.array(fc.option(fc.double({ noNaN: true, min: 1, max: 10 }), { nil: null }), {
      maxLength: 30,
    });
    fc.assert(
      fc.property(values, (scores) => {
        const { line, last } = sparklineLayout(scores, 96, 28);
        expect(line.path).not.toContain("NaN");
        const numbers = line.path.split(/[ML ]/).filter(Boolean).map(Number);
        numbers.forEach((number, index) => {
          expect(number).toBeGreaterThanOrEqual(0);
          expect(number).toBeLessThanOrEqual(index % 2 === 0 ? 96 : 28);
        });
        expect(last === null).toBe(scores.every((score) => score === null));
      }),
    );
  });
});
