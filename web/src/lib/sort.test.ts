import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nextSort, type SortValue, sortRows } from "./sort.ts";

const itself = (value: SortValue) => value;

describe("the rows of a table", () => {
  it("stand by number or by name, without regard to case", () => {
    expect(sortRows([9.1, 10, -2], itself, "ascending")).toEqual([-2, 9.1, 10]);
    expect(sortRows(["studio 10", "Émile", "Studio 9"], itself, "ascending")).toEqual([
      "Émile",
      "Studio 9",
      "studio 10",
    ]);
  });

  it("come last either way without a value", () => {
    expect(sortRows([null, 2, null, 3], itself, "ascending")).toEqual([2, 3, null, null]);
    expect(sortRows([null, 2, null, 3], itself, "descending")).toEqual([3, 2, null, null]);
  });

  it("keep their places where they are equal, and are all still there", () => {
    const row = fc.record({ key: fc.option(fc.integer({ min: 0, max: 3 })), id: fc.nat() });
    fc.assert(
      fc.property(fc.array(row), fc.constantFrom("ascending", "descending"), (rows, direction) => {
        const sorted = sortRows(rows, ({ key }) => key, direction);
        expect(new Set(sorted)).toEqual(new Set(rows));
        for (const key of [null, 0, 1, 2, 3]) {
          const those = (some: typeof rows) => some.filter((one) => one.key === key).map(({ id }) => id);
          expect(those(sorted)).toEqual(those(rows));
        }
      }),
    );
  });
});

it("turns a column's order round, and begins another's as that begins", () => {
  const byScore = { column: "score", direction: "descending" } as const;
  expect(nextSort(byScore, "score", "descending")).toEqual({ column: "score", direction: "ascending" });
  expect(nextSort(byScore, "name", "ascending")).toEqual({ column: "name", direction: "ascending" });
});
