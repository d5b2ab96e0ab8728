import { describe, expect, it } from "vitest";
import { named, uprightAt } from "./upright.ts";

const place = { x: 100, panel: { top: 0, bottom: 300 } };

describe("words set upright in a gap", () => {
  it("are in every wide one, and in the widest however narrow it is", () => {
    expect(named([20, 4, 18])).toEqual([true, false, true]);
    expect(named([4, 9, 9])).toEqual([false, true, false]);
    expect(named([])).toEqual([]);
  });

  it("stand low, high where a line runs low, and nowhere where lines run everywhere", () => {
    const at = (...ys: number[]) =>
      uprightAt(
        ys.map((y) => [{ x: 98, y }]),
        place,
      );
    expect(at(40)).toBe(257);
    expect(at(250)).toBe(41);
    expect(at(250, 40)).toBe(150);
    expect(at(250, 150, 40)).toBeNull();
  });

  it("mind the dot at a line's end, and one that stands alone, which reach further", () => {
    const low = (x: number) => ({ x, y: 250 });
    expect(uprightAt([[low(50), low(92)]], place)).toBe(257 - 216);
    expect(uprightAt([[low(50), low(92), null, low(150)]], place)).toBe(257);
    expect(uprightAt([[low(10), null, low(92), null, low(150)]], place)).toBe(41);
    expect(uprightAt([[low(50), low(87), null]], place)).toBe(257);
  });

  it("mind a line that passes, and none that ends before", () => {
    const low = (x: number) => ({ x, y: 250 });
    expect(uprightAt([[low(50), low(150)]], place)).toBe(41);
    expect(uprightAt([[low(50), low(88), null, low(112), low(150)]], place)).toBe(257);
  });
});
