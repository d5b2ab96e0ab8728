import { expect, it } from "vitest";
import { pairLayout } from "./layout.ts";

const SIZE = { width: 116, height: 48 };

it("breaks both lines where a week is missing", () => {
  const { line, behind } = pairLayout([8, 8.2, null, 8.4, 8.5], [8.5, 8.6, 8.7, 8.8, 9], SIZE);
  expect(line.path.match(/M/g)).toHaveLength(2);
  expect(behind.path).toMatch(/^M4 /);
});

it("lays lines of the same course on each other, however far apart they are", () => {
  const { line, behind, end } = pairLayout([6, 6.2, 6.1], [8.5, 8.7, 8.6], SIZE);
  expect(line.path).toBe(behind.path);
  expect(end?.x).toBe(112);
});

it("draws nothing of nothing", () => {
  expect(pairLayout([null], [], SIZE)).toEqual({
    line: { path: "", isolated: [] },
    behind: { path: "", isolated: [] },
    end: null,
  });
});
