import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { GenreShare } from "../../api/types.gen.ts";
import { fitName, genresHeight, genresLayout } from "./layout.ts";

const genre = (titles: number, name = "Comedy"): GenreShare => ({
  genre_id: titles,
  name,
  titles,
  share: titles / 400,
  scored: titles,
  mean_score: 7,
  members: 1000,
});

describe("the genre bars", () => {
  it("start at zero, so that twice the titles are twice the length", () => {
    const { rows } = genresLayout([genre(80), genre(40), genre(20)], "titles", 480);
    const [first, second, third] = rows.map((row) => row.bar);
    expect(first).toBeCloseTo((second ?? 0) * 2);
    expect(second).toBeCloseTo((third ?? 0) * 2);
  });

  it("have the same lengths as shares and as numbers", () => {
    const genres = [genre(131), genre(90), genre(7)];
    const ratio = (bars: number[]) => bars.map((bar) => bar / (bars[0] ?? 1));
    const share = genresLayout(genres, "share", 480).rows.map((row) => row.bar);
    const titles = genresLayout(genres, "titles", 480).rows.map((row) => row.bar);
    ratio(share).forEach((part, index) => {
      expect(part).toBeCloseTo(ratio(titles)[index] ?? 0);
    });
  });

  it("leave room for the value and the score at their ends, at any width", () => {
    const some = fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(some, fc.integer({ min: 280, max: 1200 }), (numbers, width) => {
        const genres = numbers.toSorted((a, b) => b - a).map((titles) => genre(titles, "A rather long name"));
        const { rows, left, height } = genresLayout(genres, "titles", width);
        expect(rows.length).toBe(numbers.length);
        expect(height).toBe(genresHeight(numbers.length));
        for (const row of rows) {
          expect(row.bar).toBeGreaterThanOrEqual(0);
          expect(left + row.bar).toBeLessThanOrEqual(width - 90);
          expect(Number.isFinite(row.y)).toBe(true);
        }
      }),
    );
  });

  it("leave a Japanese name twice the room", () => {
    const leftOf = (name: string) => genresLayout([genre(80, name)], "titles", 800).left;
    expect(leftOf("株式会社制作会社")).toBeGreaterThan(leftOf("Studio 8") + 40);
  });

  it("cut a name that has no room", () => {
    expect(fitName("Comedy", 120)).toBe("Comedy");
    expect(fitName("A studio with an endless name", 126)).toBe("A studio with an…");
    expect(fitName("株式会社とても長い名前の制作会社", 126)).toBe("株式会社とても…");
    expect(fitName("株式会社", 126)).toBe("株式会社");
  });
});
