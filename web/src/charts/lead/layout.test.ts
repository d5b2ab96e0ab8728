import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { HistoryDay } from "../../api/types.gen.ts";
import { type LeadData, leadLayout, nameLines } from "./layout.ts";

const dayOf = (index: number) => new Date(Date.UTC(2026, 9, 1 + index)).toISOString().slice(0, 10);
/** `null` is a day that nobody looked. */
const line = (scores: (number | "no score" | null)[]): HistoryDay[] =>
  scores.map((score, index) => ({
    day: dayOf(index),
    score: score === "no score" ? null : score,
    observed: score !== null,
  }));
const layoutOf = (days: HistoryDay[], width: number, others: Partial<LeadData> = {}) =>
  leadLayout({ days, follower: null, mark: null, short: new Set(), ...others }, width);
const behind = (scores: (number | null)[]) => ({
  name: "The Bureau of Daybreak Traffic",
  days: line(scores),
});
const score = fc.option(
  fc.integer({ min: 100, max: 1000 }).map((cents) => cents / 100),
  { nil: null },
);

describe("the leading title's line", () => {
  it("hatches the days that nobody looked, and says so upright where they are narrow", () => {
    const layout = layoutOf(line([9, null, null, ...Array(57).fill(9.1)]), 700);
    expect(layout.gaps).toHaveLength(1);
    expect(layout.gaps[0]?.lying).toBe(false);
    expect(layout.line.path.match(/M/g)).toHaveLength(1);
    expect(layout.line.isolated).toHaveLength(1);
    expect(layout.captures.missing.match(/M/g)).toHaveLength(2);
  });

  it("hatches no day on which the title was seen without a score, and breaks the line there", () => {
    const layout = layoutOf(line([9, 9.1, "no score", "no score", 9.2, 9.2]), 700);
    expect(layout.gaps).toEqual([]);
    expect(layout.unscored).toMatchObject([{ lying: false, words: expect.any(Number) }]);
    expect(layout.captures.missing).toBe("");
    expect(layout.line.path.match(/M/g)).toHaveLength(2);
  });

  it("lies on one row for a wide gap", () => {
    expect(layoutOf(line([...Array(13).fill(null), 9]), 700).gaps[0]?.lying).toBe(true);
  });

  it("ends with the last score observed", () => {
    expect(layoutOf(line([9, 9.03, null]), 700).last?.score).toBe(9.03);
    expect(layoutOf(line([null, null]), 700).last).toBeNull();
  });

  it("says of a last score that is not of the last day whose it is, with room for that", () => {
    expect(layoutOf(line([9, 9.03, null]), 700).last?.since).toBe("on 2 Oct");
    expect(layoutOf(line([9, 9.03]), 700).last?.since).toBeNull();
    const { last, follower } = layoutOf(line([9, 9, null]), 700, { follower: behind([8.99, 8.99, null]) });
    expect((follower?.last?.textY ?? 0) - (last?.textY ?? 0)).toBeGreaterThanOrEqual(36);
  });

  it("has room for the line of the title behind, and its score under the leader's", () => {
    const layout = layoutOf(line([9, 9]), 700, { follower: behind([8.99, 8.99]) });
    expect(layout.follower?.last?.y).toBeGreaterThan(layout.last?.y ?? 0);
    expect((layout.follower?.last?.textY ?? 0) - (layout.last?.textY ?? 0)).toBeGreaterThanOrEqual(20);
    expect(layoutOf(line([9, 9]), 700, { follower: behind([null, null]) }).follower?.last).toBeNull();
  });

  it("names the title behind at the end of its line, inside the drawing, and not on a phone", () => {
    const layout = layoutOf(line([9.4, 9]), 700, { follower: behind([9.3, 8.98]) });
    expect(layout.follower?.name.map((part) => part.text)).toEqual(["The Bureau of", "Daybreak Traffic"]);
    expect(layout.follower?.name.at(-1)?.y).toBeLessThanOrEqual(layout.plot.bottom + 14);
    expect((layout.follower?.last?.textY ?? 0) - (layout.last?.textY ?? 0)).toBeGreaterThanOrEqual(20);
    expect(layoutOf(line([9, 9]), 360, { follower: behind([8.9, 8.9]) }).follower?.name).toEqual([]);
  });

  it("breaks a name at a space where there is one, and cuts what two lines cannot hold", () => {
    expect(nameLines("Beyond the Ink")).toEqual(["Beyond the Ink"]);
    expect(nameLines("The Reluctant Keeper of a Village Bridge")).toEqual(["The Reluctant", "Keeper of a…"]);
    expect(nameLines("私が村の橋守になったのは")).toEqual(["私が村の橋守になっ", "たのは"]);
  });

  it("says so once where gaps are narrow, and never on the line", () => {
    const layout = layoutOf(line([9, null, 9, null, null, ...Array(55).fill(9)]), 700);
    expect(layout.gaps.map((gap) => gap.words !== null)).toEqual([false, true]);
    const y = layout.last?.y ?? 0;
    expect(Math.abs((layout.gaps[1]?.words ?? y) - y)).toBeGreaterThan(33);
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

  it("has a short tick for a day with an incomplete capture", () => {
    const { captures } = layoutOf(line([9, 9, 9]), 700, { short: new Set([dayOf(1)]) });
    expect([captures.whole.match(/M/g)?.length, captures.short.match(/M/g)?.length]).toEqual([2, 1]);
  });
});
