import { expect, it } from "vitest";
import { pairLayout } from "./layout.ts";

const SIZE = { width: 116, height: 48 };

it("draws two lines on one scale, broken where a week is missing", () => {
  const { line, behind, end } = pairLayout([8, 8.2, null, 8.4, 8.5], [8.5, 8.6, 8.7, 8.8, 9], SIZE);
  expect(line.path.match(/M/g)).toHaveLength(2);
  expect(behind.path).toMatch(/^M4 /);
  expect(end).toEqual({ x: 112, y: 24 });
});

it("draws nothing of nothing", () => {
  expect(pairLayout([null], [], SIZE)).toEqual({
    line: { path: "", isolated: [] },
    behind: { path: "", isolated: [] },
    end: null,
  });
});
