import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromBytes } from "./bytes.ts";
import { difference } from "./difference.ts";
import { quoted, termsOf, valueIn, without, withValue } from "./filter.ts";
import { folded, laidOutLines, plainLines, type TextLine } from "./textLines.ts";
import { piecesOf, visible } from "./visible.ts";

describe("a filter", () => {
  const FILTER = 'state:open title:"a \\"b\\" c" path:/genres/*/name';

  it("is read in terms, quotes and all", () => {
    expect(termsOf(FILTER)).toEqual([
      { key: "state", value: "open" },
      { key: "title", value: 'a "b" c' },
      { key: "path", value: "/genres/*/name" },
    ]);
    expect(termsOf(" half:  word ")).toEqual([
      { key: "half", value: "" },
      { key: "", value: "word" },
    ]);
  });

  it("changes one value in its place, and keeps the others as they are", () => {
    expect(withValue(FILTER, "state", "failed")).toBe(FILTER.replace("open", "failed"));
    expect(withValue("state:open", "dataset", "top score")).toBe('state:open dataset:"top score"');
    expect(withValue(FILTER, "title", undefined)).toBe("state:open path:/genres/*/name");
    expect(without(FILTER, ["state", "path"])).toBe('title:"a \\"b\\" c"');
  });

  it("gives back any value that was put in", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (value) => {
        expect(valueIn(withValue(FILTER, "title", value), "title")).toBe(value);
      }),
    );
  });

  it("is one word of a shell", () => {
    expect(quoted("title:it's")).toBe("'title:it'\\''s'");
  });
});

describe("foreign text", () => {
  it("shows what would hide or turn it", () => {
    expect(visible("a\u202eb\u001b[31m\u200b\u0000")).toBe("a⟨U+202E⟩b⟨U+001B⟩[31m⟨U+200B⟩⟨U+0000⟩");
    expect(piecesOf("a\n\tü 日 😀")).toEqual([{ text: "a\n\tü 日 😀", isHidden: false }]);
    expect(visible("\ud800x")).toBe("⟨U+D800⟩x");
  });
});

describe("offsets in bytes", () => {
  it("count characters of any length", () => {
    const text = "aü日😀z";
    expect(fromBytes(text, [0, 1, 3, 6, 10, 11, 99])).toEqual([0, 1, 2, 3, 5, 6, 6]);
    expect(fromBytes(text, [10, 1])).toEqual([5, 1]);
    expect(fromBytes(text, [4])).toEqual([2]);
  });

  it("are those of the encoder", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.nat(), (text, pick) => {
        const characters = [...text];
        const head = characters.slice(0, characters.length === 0 ? 0 : pick % characters.length).join("");
        expect(fromBytes(text, [new TextEncoder().encode(head).length])).toEqual([head.length]);
      }),
    );
  });
});

const TEXT = '{"id":12345678901234567890,"a":{"from":"2026-10-18","to":null},"l":[],"t":[1,2]}';
const written = (lines: readonly TextLine[]) =>
  lines.map(({ indent, parts }) => "  ".repeat(indent) + parts.map(({ text }) => text).join(""));
const markOf = (value: string) => {
  const start = TEXT.indexOf(value);
  return { start, end: start + value.length };
};

describe("a body in lines", () => {
  it("is laid out without a change of any token", () => {
    const lines = laidOutLines(TEXT, []) ?? [];
    expect(written(lines)).toEqual([
      "{",
      '  "id": 12345678901234567890,',
      '  "a": {',
      '    "from": "2026-10-18",',
      '    "to": null',
      "  },",
      '  "l": [],',
      '  "t": [',
      "    1,",
      "    2",
      "  ]",
      "}",
    ]);
    expect(lines[1]?.parts[0]).toEqual({ text: '"id"', isKey: true, marks: [] });
  });

  it("keeps every token of any JSON", () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        const lines = laidOutLines(text, []);
        expect(lines && JSON.parse(written(lines).join("\n"))).toEqual(JSON.parse(text));
      }),
    );
  });

  it("is not laid out where it is no JSON", () => {
    for (const text of ["", "{", '{"a":1', "[}", '"open', '{"a":1}x}'])
      expect(laidOutLines(text, [])).toBeNull();
    expect(written(plainLines("{\n half", []))).toEqual(["{", " half"]);
  });

  it("has its failing places marked, in both forms", () => {
    const marks = [markOf('"2026-10-18"'), markOf("null")];
    const lines = laidOutLines(TEXT, marks) ?? [];
    expect(
      lines.filter(({ begins }) => begins.length > 0).map(({ number, begins }) => [number, begins]),
    ).toEqual([
      [4, [0]],
      [5, [1]],
    ]);
    expect(lines[3]?.parts.find(({ marks }) => marks.length > 0)?.text).toBe('"2026-10-18"');
    const [plain] = plainLines(TEXT, marks);
    expect(plain?.begins).toEqual([0, 1]);
    expect(plain?.parts.filter(({ marks }) => marks.length > 0).map(({ text }) => text)).toEqual([
      '"2026-10-18"',
      "null",
    ]);
  });

  it("marks the bracket alone of what goes over several lines", () => {
    const object = markOf('{"from":"2026-10-18","to":null}');
    const lines = laidOutLines(TEXT, [object]) ?? [];
    expect(
      lines.flatMap(({ parts }) => parts.filter(({ marks }) => marks.length > 0)).map(({ text }) => text),
    ).toEqual(["{"]);
  });

  it("folds what is far from a mark", () => {
    const long = `{${Array.from({ length: 60 }, (_, index) => `"k${index}":${index}`).join(",")}}`;
    const start = long.indexOf('"k40"');
    const lines = laidOutLines(long, [{ start, end: start + 5 }]) ?? [];
    const shown = folded(lines).map((one) => ("line" in one ? one.line.number : `+${one.folded.length}`));
    expect(shown).toEqual([1, 2, 3, 4, 5, 6, 7, "+32", 40, 41, 42, 43, 44, "+17", 62]);
  });
});

describe("a difference", () => {
  it("names the words that have changed", () => {
    expect(difference('{"a":"2026-10-18","b":1}', '{"a":"2026-10-18T00","b":2}')).toEqual([
      { kind: "same", text: '{"a":"' },
      { kind: "old", text: "2026-10-18" },
      { kind: "new", text: "2026-10-18T00" },
      { kind: "same", text: '","b":' },
      { kind: "old", text: "1" },
      { kind: "new", text: "2" },
      { kind: "same", text: "}" },
    ]);
  });

  it("holds both texts whole", () => {
    const side = (kind: "old" | "new", changes: ReturnType<typeof difference>) =>
      changes.filter((one) => one.kind === "same" || one.kind === kind).map(({ text }) => text);
    fc.assert(
      fc.property(fc.string(), fc.string(), (before, after) => {
        const changes = difference(before, after);
        expect([side("old", changes).join(""), side("new", changes).join("")]).toEqual([before, after]);
      }),
    );
  });
});
