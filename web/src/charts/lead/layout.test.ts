import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { SparkDay } from "../../api/types.gen.ts";
import { type LeadData, leadLayout } from "./layout.ts";

const dayOf = (index: number) => new Date(Date.UTC(2026, 9, 1 + index)).toISOString().slice(0, 10);
const line = (scores: (number | null)[]): SparkDay[] =>
  scores.map((score, index) => ({ day: dayOf(index), score }));
const layoutOf = (days: SparkDay[], width: number, others: Partial<LeadData> = {}) =>
  leadLayout({ days, follower: null, mark: null, ...others }, width);
const score = fc.option(
  fc.integer({ min: 100, max: 1000 }).map((cents) => cents / 100),
  { nil: null },
);

describe("the leading title's line", () => {
  it("hatches the days that nobody looked, and says so upright where they are narrow", () => {
    const layout = layoutOf(line([9, null, null, ...Array(57).fill(9.1)]), 700);
    expect(layout.gaps).toHaveLength(1);
    expect(layout.gaps[0]?.upright).toBe(true);
    expect(layout.line.path.match(/M/g)).toHaveLength(1);
    expect(layout.line.lonely).toHaveLength(1);
    expect(layout.days.filter((day) => !day.observed).map((day) => day.day)).toEqual([dayOf(1), dayOf(2)]);
  });

  it("lies on one row for a wide gap", () => {
    expect(layoutOf(line([...Array(13).fill(null), 9]), 700).gaps[0]?.upright).toBe(false);
  });

  it("ends with the last score observed", () => {
    expect(layoutOf(line([9, 9.03, null]), 700).last?.score).toBe(9.03);
    expect(layoutOf(line([null, null]), 700).last).toBeNull();
  });

  it("has room for the line of the title behind, and its score under the leader's", () => {
    const layout = layoutOf(line([9, 9]), 700, { follower: line([8.99, 8.99]) });
    expect(layout.follower?.last?.y).toBeGreaterThan(layout.last?.y ?? 0);
    expect((layout.follower?.textY ?? 0) - (layout.last?.y ?? 0)).toBeGreaterThanOrEqual(20);
    expect(layoutOf(line([9, 9]), 700, { follower: line([null, null]) }).follower?.last).toBeNull();
  });

  it("keeps a crossed score on the paper", () => {
    const layout = layoutOf(line([9.1, 9.12]), 700, { mark: 9 });
    expect(layout.mark?.y).toBeLessThanOrEqual(layout.plot.bottom);
    expect(layout.rows.some((row) => row.y === layout.mark?.y && Number(row.label) === 9)).toBe(true);
  });

  it("names a crossed score that no tick stands on", () => {
    const layout = layoutOf(line([8.2, 8.9]), 700, { mark: 8.5 });
    expect(layout.rows.filter((row) => row.y === layout.mark?.y).map((row) => row.label)).toEqual(["8.50"]);
  });

  it("keeps every point inside its plot, higher scores higher, at any width", () => {
    fc.assert(
      fc.property(
        fc.array(score, { minLength: 1, maxLength: 120 }),
        fc.integer({ min: 240, max: 1400 }),
        (scores, width) => {
          const { points, plot, line: drawn } = layoutOf(line(scores), width);
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
        const labelled = layoutOf(line(Array(days).fill(9)), width).days.filter((day) => day.label !== null);
        for (let at = 1; at < labelled.length; at++) {
          expect((labelled[at]?.x ?? 0) - (labelled[at - 1]?.x ?? 0)).toBeGreaterThanOrEqual(60);
        }
      }),
    );
  });
});
