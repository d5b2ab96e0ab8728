import { describe, expect, it } from "vitest";
import { captureMarks } from "./captures.ts";

describe("the ticks of captures", () => {
  it("are long, short, or a ring", () => {
    const marks = captureMarks(["whole", "short", "missing", "whole"], { left: 0, step: 10, y: 50 });
    expect(marks.whole).toBe("M5 47V53M35 47V53");
    expect(marks.short).toBe("M15 50V53");
    expect(marks.missing).toMatch(/^M23\.2 50a1\.8 1\.8/);
  });

  it("become bars where days are narrow, and nothing where nobody looked", () => {
    const marks = captureMarks(["whole", "whole", "missing", "whole"], { left: 0, step: 1, y: 50 });
    expect(marks.whole).toBe("M0 47H2V53H0ZM3 47H4V53H3Z");
    expect(marks.missing).toBe("");
  });
});
