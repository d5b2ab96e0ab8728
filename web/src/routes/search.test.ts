import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openTables, parse, readSearch, stringify, toggleTable } from "./search.ts";

describe("the address", () => {
  it("holds every choice", () => {
    const text =
      "?catalogue=mal&source=https%3A%2F%2Fapi.example%2Fv4&as_of=2026-11-20&names=japanese&kind=studio&measure=titles&score=median&members=median&seasons=all&table=top.seasons";
    expect(stringify({ ...parse(text) })).toBe(text);
  });

  it("leaves out defaults, and drops what is unknown or wrong", () => {
    const wrong =
      "?catalogue=both&as_of=yesterday&names=english&kind=genre&measure=share&table=all&utm_source=x&source=";
    expect(parse(wrong)).toEqual({});
    expect(parse("?as_of=2026-13-45")).toEqual({});
    expect(parse("?as_of=2026-11-20T10:00:00Z")).toEqual({ as_of: "2026-11-20T10:00:00Z" });
  });

  it("never throws, whatever it says", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.anything()), (raw) => {
        expect(() => readSearch(raw)).not.toThrow();
      }),
    );
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(() => parse(text)).not.toThrow();
      }),
    );
  });

  it("opens and closes one table at a time, in the page's order", () => {
    const both = toggleTable(toggleTable({}, "seasons"), "top");
    expect(both.table).toBe("top.seasons");
    expect(openTables(both)).toEqual(["top", "seasons"]);
    expect(toggleTable(both, "top").table).toBe("seasons");
    expect(toggleTable({ table: "top" }, "top").table).toBeUndefined();
  });
});
