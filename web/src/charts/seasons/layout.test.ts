import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { SeasonPoint } from "../../api/types.gen.ts";
import { seasonsLayout } from "./layout.ts";

const NAMES = ["winter", "spring", "summer", "fall"] as const;

function season(index: number, mean: number | null, members = 100_000): SeasonPoint {
  const at = { year: 2020 + Math.floor(index / 4), season: NAMES[index % 4] ?? "winter" };
  if (mean === null) {
    return {
      ...at,
      titles: 0,
      scored: 0,
      mean_score: null,
      median_score: null,
      median_members: null,
      members: null,
    };
  }
  return { ...at, titles: 9, scored: 9, mean_score: mean, median_score: mean, median_members: 9, members };
}

const choice = { score: "mean", members: "sum" } as const;
const history = fc.array(fc.option(fc.double({ noNaN: true, min: 1, max: 10 }), { nil: null }), {
  minLength: 1,
  maxLength: 260,
});

describe("the seasonal trend", () => {
  it("leaves a season that was never observed without bar, dot and line", () => {
    const layout = seasonsLayout(
      [7, 7.2, null, 7.1, 7.3].map((mean, index) => season(index, mean)),
      choice,
      900,
    );
    expect(layout.line.solid.match(/M/g)).toHaveLength(2);
    expect(layout.line.dotted).toBe("");
    expect(layout.marks[2]).toMatchObject({ score: null, bar: null });
    expect(layout.gaps).toHaveLength(1);
  });

  it("draws the bars of members from zero", () => {
    const points = [season(0, 7, 100), season(1, 7, 200)];
    const [small, large] = seasonsLayout(points, choice, 900).marks.map((mark) => mark.bar?.height ?? 0);
    expect(large).toBeCloseTo((small ?? 0) * 2);
  });

  it("marks a season of few scored titles", () => {
    const points = [{ ...season(0, 7), scored: 4 }, season(1, 7)];
    expect(seasonsLayout(points, choice, 900).marks.map((mark) => mark.score?.few)).toEqual([true, false]);
    const early = [season(0, 7), { ...season(1, 9.5), titles: 32, scored: 6 }];
    const layout = seasonsLayout(early, choice, 900);
    expect(layout.marks[1]).toMatchObject({ score: null, bar: { weak: null } });
    expect(layout.marks[1]?.beyond).toHaveLength(1);
  });

  it("draws the bar of few titles hollow, and grey where it is too thin for that", () => {
    const points = [{ ...season(0, 7), titles: 1, scored: 1 }, season(1, 7)];
    expect(seasonsLayout(points, choice, 900).marks.map((mark) => mark.bar?.weak)).toEqual(["hollow", null]);
    const many = [...points, ...Array.from({ length: 198 }, (_, index) => season(index + 2, 7))];
    expect(
      seasonsLayout(many, choice, 360)
        .marks.slice(0, 2)
        .map((mark) => mark.bar?.weak),
    ).toEqual(["thin", null]);
  });

  it("says where titles were observed and none has a score, and takes that for no gap", () => {
    const bare = { scored: 0, mean_score: null, median_score: null };
    const points = [season(0, 7), { ...season(1, 7), ...bare }, season(2, null), season(3, 7)];
    const layout = seasonsLayout(points, choice, 900);
    expect(layout.marks.map((mark) => mark.unscored !== null)).toEqual([false, true, false, false]);
    expect(layout.unscored.map((stretch) => stretch.words !== null)).toEqual([true]);
    expect(layout.gaps).toHaveLength(1);
    expect(layout.marks[1]).toMatchObject({ score: null, bar: { weak: null } });
  });

  it("names seasons where there is room and years everywhere", () => {
    const points = Array.from({ length: 12 }, (_, index) => season(index, 7));
    expect(seasonsLayout(points, choice, 1200).marks[0]?.label).toBe("Winter");
    expect(seasonsLayout(points, choice, 420).marks[1]?.label).toBe("Sp");
    expect(seasonsLayout(points, choice, 280).marks[1]?.label).toBe("S");
    expect(seasonsLayout(points, choice, 140).marks[1]?.label).toBeNull();
    expect(seasonsLayout(points, choice, 1200).years.map((year) => year.label)).toEqual([
      "2020",
      "2021",
      "2022",
    ]);
  });

  it("has dots and words for a gap on a phone too, and no characters where they would run together", () => {
    const points = Array.from({ length: 24 }, (_, index) => season(index, index === 9 ? null : 7));
    const layout = seasonsLayout(points, choice, 328);
    expect(layout.marks.slice(0, 4).map((mark) => mark.label)).toEqual([null, null, null, null]);
    expect(layout.dots[0]?.r).toBeGreaterThan(2);
    expect(layout.gaps.map((gap) => gap.words !== null)).toEqual([true]);
  });

  it("rings a season of few titles however little room there is", () => {
    const points = Array.from({ length: 32 }, (_, index) => season(index, 7));
    points[4] = { ...season(4, 7.1), titles: 2, scored: 2 };
    const { dots } = seasonsLayout(points, choice, 288);
    expect(dots).toHaveLength(1);
    expect(dots[0]).toMatchObject({ few: true });
    expect(dots[0]?.r).toBeGreaterThanOrEqual(2.5);
  });

  it("is not scaled by seasons of few titles, and marks those that lie beyond", () => {
    const odd = { ...season(2, 9.9, 9e9), titles: 1, scored: 1, median_members: 9 };
    const low = { ...season(3, 1.2, 5), titles: 1, scored: 1 };
    const layout = seasonsLayout([season(0, 7), season(1, 7.2), odd, low], choice, 900);
    expect(layout.marks.map((mark) => mark.beyond.map(({ up }) => up))).toEqual([
      [],
      [],
      [true, true],
      [false],
    ]);
    expect(layout.marks.map((mark) => mark.score !== null)).toEqual([true, true, false, false]);
    expect(seasonsLayout([odd, low], choice, 900).marks.every((mark) => mark.beyond.length === 0)).toBe(true);
  });

  it("draws no bar for what lies beyond, as all of them would look equal", () => {
    const few = { titles: 1, scored: 1 };
    const points = [season(0, 7), { ...season(1, 7, 900_000), ...few }, { ...season(2, 7, 50_000), ...few }];
    const marks = seasonsLayout([...points, season(3, 7)], choice, 900).marks;
    expect(marks.map((mark) => mark.bar !== null)).toEqual([true, false, true, true]);
    expect(marks[1]?.beyond).toHaveLength(1);
  });

  it("begins a year's label at its tick where it stands for several", () => {
    const points = Array.from({ length: 113 }, (_, index) => season(index + 2, 7));
    const named = seasonsLayout(points, choice, 360).years.filter((year) => year.label !== null);
    expect(named.length).toBeGreaterThan(3);
    for (const year of named.slice(0, -1)) expect(year.x - 16).toBeGreaterThanOrEqual(year.start);
  });

  it("names the first and the last year on a phone, however few of their seasons are shown", () => {
    const points = Array.from({ length: 24 }, (_, index) => season(index + 3, 7));
    const labels = seasonsLayout(points, choice, 328).years.map((year) => year.label);
    expect(labels).toEqual(["2020", "2021", "2022", "2023", "2024", "2025", "2026"]);
  });

  it("names the first and the last year at any width, and sets no name on another", () => {
    const [count, from, wide] = [
      fc.integer({ min: 1, max: 260 }),
      fc.nat(3),
      fc.integer({ min: 280, max: 1400 }),
    ];
    fc.assert(
      fc.property(count, from, wide, (seasons, first, width) => {
        const points = Array.from({ length: seasons }, (_, index) => season(index + first, 7));
        const layout = seasonsLayout(points, choice, width);
        const named = layout.years.filter((year) => year.label !== null);
        expect(named[0]?.label).toBe(String(points[0]?.year));
        expect(named.at(-1)?.label).toBe(String(points.at(-1)?.year));
        for (const [at, year] of named.entries()) {
          expect(year.x - 16).toBeGreaterThanOrEqual(0);
          expect(year.x + 16).toBeLessThanOrEqual((named[at + 1]?.x ?? Number.POSITIVE_INFINITY) - 16 + 1e-6);
          expect(year.x + 16).toBeLessThanOrEqual(width + 1e-6);
        }
      }),
    );
  });

  it("keeps all of it on the paper, at any width", () => {
    fc.assert(
      fc.property(history, fc.integer({ min: 300, max: 1400 }), (means, width) => {
        const layout = seasonsLayout(
          means.map((mean, index) => season(index, mean)),
          choice,
          width,
        );
        expect(`${layout.line.solid}${layout.line.dotted}`).not.toMatch(/NaN|Infinity/);
        layout.marks.forEach((mark, index) => {
          expect(mark.score === null).toBe(means[index] === null);
          expect(mark.bar === null).toBe(means[index] === null);
          expect(mark.x).toBeGreaterThanOrEqual(layout.left);
          expect(mark.x).toBeLessThanOrEqual(layout.right);
          if (mark.score) {
            expect(mark.score.y).toBeGreaterThanOrEqual(layout.score.top - 1e-6);
            expect(mark.score.y).toBeLessThanOrEqual(layout.score.bottom + 1e-6);
          }
        });
      }),
    );
  });
});
