import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { SparkDay } from "../../api/types.gen.ts";
import { leadLayout } from "./layout.ts";

const dayOf = (index: number) => new Date(Date.UTC(2026, 9, 1 + index)).toISOString().slice(0, 10);
const line = (scores: (number | null)[]): SparkDay[] =>
  scores.map((score, index) => ({ day: dayOf(index), score }));
const score = fc.option(
  fc.integer({ min: 100, max: 1000 }).map((cents) => cents / 100),
  { nil: null },
);

describe("the leading title's line", () => {
  it("hatches the days that nobody looked, and says so upright where they are narrow", () => {
    const layout = leadLayout(line([9, null, null, ...Array(57).fill(9.1)]), 700, null);
    expect(layout.gaps).toHaveLength(1);
    expect(layout.gaps[0]?.upright).toBe(true);
    expect(layout.line.path.match(/M/g)).toHaveLength(1);
    expect(layout.line.lonely).toHaveLength(1);
    expect(layout.days.filter((day) => !day.observed).map((day) => day.day)).toEqual([dayOf(1), dayOf(2)]);
  });

  it("lies on one row for a wide gap", () => {
    expect(leadLayout(line([...Array(13).fill(null), 9]), 700, null).gaps[0]?.upright).toBe(false);
  });

  it("ends with the last score observed", () => {
    expect(leadLayout(line([9, 9.03, null]), 700, null).last?.score).toBe(9.03);
    expect(leadLayout(line([null, null]), 700, null).last).toBeNull();
  });

  it("keeps a crossed score on the paper", () => {
    const layout = leadLayout(line([9.1, 9.12]), 700, 9);
    expect(layout.mark?.y).toBeLessThanOrEqual(layout.plot.bottom);
    expect(layout.rows.some((row) => row.label === "9.00")).toBe(true);
  });

  it("keeps every point inside its plot, higher scores higher, at any width", () => {
    fc.assert(
      fc.property(
        fc.array(score, { minLength: 1, maxLength: 120 }),
        fc.integer({ min: 240, max: 1400 }),
        (scores, width) => {
          const { points, plot, line: drawn } = leadLayout(line(scores), width, null);
          expect(drawn.path).not.toMatch(/NaN|Infinity/);
          points.forEach((point, index) => {
            expect(point === null).toBe(scores[index] === null);
            if (!point) return;
            expect(point.x).toBeGreaterThanOrEqual(plot.left);
            expect(point.x).toBeLessThanOrEqual(plot.right);
            expect(point.y).toBeGreaterThanOrEqual(plot.top - 1e-6);
            expect(point.y).toBeLessThanOrEqual(plot.bottom);
          });
          for (let at = 1; at < points.length; at++) {
            const [a, b] = [points[at - 1], points[at]];
            if (a && b)
              expect(Math.sign(a.y - b.y)).toBe(Math.sign((scores[at] ?? 0) - (scores[at - 1] ?? 0)));
          }
        },
      ),
    );
  });

  it("does not set its day labels on top of each other", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 120 }), fc.integer({ min: 280, max: 1400 }), (days, width) => {
        const labelled = leadLayout(line(Array(days).fill(9)), width, null).days.filter(
          (day) => day.label !== null,
        );
        for (let at = 1; at < labelled.length; at++) {
          expect((labelled[at]?.x ?? 0) - (labelled[at - 1]?.x ?? 0)).toBeGreaterThanOrEqual(60);
        }
      }),
    );
  });
});
