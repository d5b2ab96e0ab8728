import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { TitleDay } from "../../api/types.gen.ts";
import { MEASURES, type Measure } from "../../lib/measures.ts";
import { daysOf } from "../../testing/titleDays.ts";
import { type TitleLine, titleHeight, titleLayout } from "./layout.ts";

const FIRST = "2026-09-01";
const line = (days: readonly TitleDay[], changes: Partial<TitleLine> = {}): TitleLine => ({
  days,
  measure: "score",
  episodes: [],
  short: new Set(),
  remark: null,
  ...changes,
});
const scores = (count: number) => Array.from({ length: count }, (_, index) => 8 + (index % 7) * 0.05);

describe("the layout of a title's line", () => {
  it("stops both lines and the fill where nobody looked", () => {
    const values: (number | null)[] = scores(20);
    values.fill(null, 8, 12);
    const { upper, lower, gaps } = titleLayout(line(daysOf(FIRST, values)), 720);
    expect(upper.solid.match(/M/g)).toHaveLength(2);
    expect(lower.path.match(/M/g)).toHaveLength(2);
    expect(lower.area.match(/Z/g)).toHaveLength(2);
    expect(gaps).toHaveLength(1);
    expect(gaps[0]?.words).not.toBeNull();
  });

  it("starts the members at zero", () => {
    const { lower } = titleLayout(line(daysOf(FIRST, scores(30))), 720);
    expect(lower.rows[0]).toEqual({ label: "0", y: lower.bottom });
  });

  it("turns the axis of places: up is better", () => {
    const { upper } = titleLayout(line(daysOf(FIRST, scores(30)), { measure: "rank" }), 720);
    expect((upper.points[29]?.y ?? 0) < (upper.points[0]?.y ?? 0)).toBe(true);
    expect(upper.rows.every(({ label }) => label.startsWith("#"))).toBe(true);
    expect(upper.rows.some(({ label }) => label === "#0")).toBe(false);
  });

  it("draws few votes dotted and hollow, and says so", () => {
    const few = (index: number) => ({ scored_by: index < 4 ? 200 : 5000 });
    const { upper } = titleLayout(line(daysOf(FIRST, scores(30), few)), 720);
    expect(upper.hollow).toHaveLength(4);
    expect(upper.dotted).not.toBe("");
    expect(upper.few).not.toBeNull();
    const rank = titleLayout(line(daysOf(FIRST, scores(30), few), { measure: "rank" }), 720);
    expect([rank.upper.hollow, rank.upper.dotted, rank.upper.few]).toEqual([[], "", null]);
  });

  it("numbers every second episode where the squares would touch", () => {
    const episodes = Array.from({ length: 12 }, (_, index) => ({
      number: index + 1,
      day: new Date(Date.parse(FIRST) + (1 + index * 7) * 86_400_000).toISOString().slice(0, 10),
    }));
    const named = (days: number, width: number) =>
      titleLayout(line(daysOf(FIRST, scores(days)), { episodes }), width)
        .episodes.filter((one) => one.named)
        .map(({ number }) => number);
    expect(named(90, 720)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    expect(named(300, 720)).toEqual([1, 3, 5, 7, 9, 11]);
    expect(named(30, 720)).toEqual([1, 2, 3, 4, 5]);
  });

  it("places the remark inside its panel", () => {
    const days = daysOf(FIRST, scores(30));
    for (const index of [0, 1, 15, 28, 29]) {
      const remark = { day: days[index]?.day ?? "", lines: ["Episode 5", "+0.22 in 2 days"] as const };
      for (const width of [290, 720]) {
        const layout = titleLayout(line(days, { remark }), width);
        const { x = 0, y = 0, anchor } = layout.remark ?? {};
        expect(anchor === "end" ? x - 90 : x).toBeGreaterThan(0);
        expect(anchor === "end" ? x : x + 90).toBeLessThan(width);
        expect(y).toBeGreaterThan(layout.upper.top);
      }
    }
    const gone = { day: "2020-01-01", lines: ["", ""] as const };
    expect(titleLayout(line(days, { remark: gone }), 720).remark).toBeNull();
  });

  it("keeps its height for any data", () => {
    expect(titleLayout(line([]), 800).height).toBe(titleHeight(800));
    expect(titleLayout(line(daysOf(FIRST, [null])), 300).height).toBe(titleHeight(300));
  });

  it("says nothing at an axis without values", () => {
    const none = daysOf(FIRST, scores(5), () => ({ score: null, members: null }));
    const { upper, lower } = titleLayout(line(none), 720);
    expect([upper.rows, upper.end, lower.end]).toEqual([[], null, null]);
  });

  it("lays out ten years at once", () => {
    const started = performance.now();
    titleLayout(line(daysOf("2016-01-01", scores(3660))), 900);
    expect(performance.now() - started).toBeLessThan(500);
  });

  it("keeps every point inside its panel, at any width, for any numbers", () => {
    const values = fc.array(fc.option(fc.integer({ min: 100, max: 1000 }), { nil: null }), {
      minLength: 1,
      maxLength: 200,
    });
    fc.assert(
      fc.property(
        values,
        fc.integer({ min: 280, max: 1600 }),
        fc.constantFrom<Measure>(...MEASURES),
        fc.integer({ min: 1, max: 3_000_000 }),
        (cents, width, measure, size) => {
          const days = daysOf(
            FIRST,
            cents.map((value) => (value === null ? null : value / 100)),
            (index) => ({
              rank: cents[index] == null ? null : 1 + ((index * size) % 20_000),
              members: cents[index] == null ? null : (index * size) % 5_000_000,
              scored_by: index % 3 === 0 ? 10 : 5000,
            }),
          );
          const layout = titleLayout(line(days, { measure }), width);
          const { upper, lower } = layout;
          expect(`${upper.solid}${upper.dotted}${lower.path}${lower.area}`).not.toMatch(/NaN|Infinity/);
          for (const panel of [upper, lower]) {
            for (const point of panel.points) {
              if (!point) continue;
              expect(point.x).toBeGreaterThanOrEqual(layout.left);
              expect(point.x).toBeLessThanOrEqual(layout.right);
              expect(point.y).toBeGreaterThanOrEqual(panel.top - 1e-6);
              expect(point.y).toBeLessThanOrEqual(panel.bottom + 1e-6);
            }
          }
        },
      ),
    );
  });
});
