import { expect, it } from "vitest";
import { span } from "./spans.ts";

it.each([
  [0, "0.000 s"],
  [12, "0.012 s"],
  [412, "0.4 s"],
  [12_400, "12 s"],
  [80_000, "80 s"],
  [180_000, "3 min"],
  [5 * 3_600_000, "5 h"],
  [119 * 86_400_000, "119 days"],
  [-412, "−0.4 s"],
])("%i ms are %s", (ms, words) => {
  expect(span(ms)).toBe(words);
});
