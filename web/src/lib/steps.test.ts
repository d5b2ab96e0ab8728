import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  asOp,
  emptyStep,
  OPS,
  type Step,
  stepFault,
  stepsIn,
  stepsJson,
  stepsOf,
  stepsText,
} from "./steps.ts";

const step = (op: Step["op"], change: Partial<Step> = {}): Step => ({ ...emptyStep("/a"), op, ...change });

describe("steps", () => {
  it("are sent with the fields of their kind, and a value as it was typed", () => {
    const steps = [
      step("set", { value: " 12345678901234567890 ", pattern: "left from before" }),
      step("replace", { pattern: '^(\\d)"', with: "" }),
      step("remove"),
      step("cast", { to: "number" }),
      step("rename", { to: "b" }),
    ];
    expect(stepsJson(steps)).toBe(
      '[{"op":"set","path":"/a","value":12345678901234567890},' +
        '{"op":"replace","path":"/a","pattern":"^(\\\\d)\\"","with":""},' +
        '{"op":"remove","path":"/a"},{"op":"cast","path":"/a","to":"number"},{"op":"rename","path":"/a","to":"b"}]',
    );
  });

  it("come back from an address as they were, unfinished ones too", () => {
    const text = fc.string({ unit: "grapheme" });
    const any = fc.record({
      op: fc.constantFrom(...OPS),
      path: text,
      value: text,
      to: text,
      pattern: text,
      with: text,
    });
    fc.assert(
      fc.property(fc.array(any, { maxLength: 50 }), (steps) => {
        const back = stepsIn(stepsText(steps));
        expect(stepsText(back)).toBe(stepsText(steps));
        expect(back.map(stepFault)).toEqual(steps.map(stepFault));
      }),
    );
    for (const bad of ["", "{", "7", '[["set"],7]', '[["burn","/a"]]', '[["set",1]]', undefined])
      expect(stepsIn(bad)).toEqual([]);
  });

  it("are read from a plan", () => {
    const told = [
      { op: "set", path: "/a", value: null },
      { op: "replace", path: "/a", pattern: "x", with: "y" },
      { op: "burn", path: "/a" },
    ];
    expect(stepsOf(told)).toEqual([
      step("set", { value: "null" }),
      step("replace", { pattern: "x", with: "y" }),
    ]);
    expect(stepsOf(null)).toEqual([]);
  });

  it("say what they lack", () => {
    const faults = [
      step("set", { value: "text" }),
      step("rename"),
      step("replace"),
      step("replace", { pattern: "(.*)", with: "$1T00" }),
      step("remove", { path: "" }),
      step("remove", { path: "a" }),
    ].map(stepFault);
    expect(faults).toEqual([
      'The value is JSON: 8.5, null, "text".',
      "Give the new key.",
      "Give a pattern.",
      "$1T00 would be the name of a group: write ${1}.",
      "Name the place: /aired/from.",
      "A path begins with a slash: /aired/from.",
    ]);
    const good = [
      step("remove"),
      step("set", { value: '"x"', path: "" }),
      step("replace", { pattern: "(.*)", with: "$1-${1}T $10 $$1T" }),
    ];
    expect(good.map(stepFault)).toEqual([null, null, null]);
  });

  it("keep what two kinds need when one becomes the other", () => {
    expect(asOp(step("rename", { to: "b" }), "cast").to).toBe("string");
    expect(asOp(step("cast", { to: "null" }), "rename").to).toBe("");
    expect(asOp(asOp(step("rename", { to: "b" }), "set"), "rename").to).toBe("b");
  });
});
