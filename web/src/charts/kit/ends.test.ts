import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { pushApart } from "./ends.ts";

describe("words at the ends of lines", () => {
  it("stay where their lines end while there is room", () => {
    expect(
      pushApart(
        [
          { y: 80, height: 20 },
          { y: 20, height: 20 },
        ],
        [0, 100],
      ),
    ).toEqual([80, 20]);
  });

  it("never lie on each other, and keep the order of their lines", () => {
    const ys = fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(ys, (lines) => {
        const placed = pushApart(
          lines.map((y) => ({ y, height: 36 })),
          [0, 400],
        );
        const order = placed.map((y, index) => ({ y, line: lines[index] ?? 0 })).sort((a, b) => a.y - b.y);
        order.forEach(({ y, line }, index) => {
          expect(y).toBeGreaterThanOrEqual(18 - 1e-9);
          expect(y).toBeLessThanOrEqual(382 + 1e-9);
          const before = order[index - 1];
          if (before) expect(y - before.y).toBeGreaterThanOrEqual(36 - 1e-9);
          if (before) expect(line).toBeGreaterThanOrEqual(before.line);
        });
      }),
    );
  });
});
