import { describe, expect, it } from "vitest";
import { csvAddress } from "./csv.ts";
import { dayName, instant, longDay, moment, near, shortDay, time } from "./dates.ts";
import { compact, list, ordinal, percent, plural, score, signed, word } from "./format.ts";
import { covers, fileName, standalone, wrap } from "./picture.ts";
import { cut, nameOf } from "./titles.ts";

describe("numbers", () => {
  it("are written as people read them", () => {
    expect([score(9), score(7.255), score(null)]).toEqual(["9.00", "7.26", "–"]);
    expect([0, 950, 2900, 412_380, 1_500_000, 2e9].map(compact)).toEqual([
      "0",
      "950",
      "2.9k",
      "412.4k",
      "1.5M",
      "2B",
    ]);
    expect([0, 0.003, 0.0994, 0.0996, 0.327, 1].map(percent)).toEqual(
      ["0", "0.3", "9.9", "10", "33", "100"].map((number) => `${number}\u202f%`),
    );
    expect([signed(38204), signed(-0.05, score)]).toEqual(["+38,204", "−0.05"]);
  });

  it("have words", () => {
    expect([1, 2, 10, 11, 12, 13, 21, 22, 112].map(ordinal)).toEqual([
      "first",
      "second",
      "tenth",
      "11th",
      "12th",
      "13th",
      "21st",
      "22nd",
      "112th",
    ]);
    expect([word(2), word(40)]).toEqual(["two", "40"]);
    expect([plural(1, "page"), plural(2, "page"), plural(2, "person", "people")]).toEqual([
      "1 page",
      "2 pages",
      "2 people",
    ]);
    expect([list([]), list(["a"]), list(["a", "b"]), list(["a", "b", "c"])]).toEqual([
      "",
      "a",
      "a and b",
      "a, b and c",
    ]);
  });
});

describe("times", () => {
  const at = "2026-11-23T23:30:00Z";
  it("are in UTC, and say so", () => {
    expect(time(at)).toBe("23:30 UTC");
    expect(instant(at)).toBe("23 Nov 2026, 23:30 UTC");
  });

  it("near now are in words", () => {
    const now = new Date("2026-11-24T01:00:00Z");
    expect(near(at, now)).toBe("yesterday at 23:30 UTC");
    expect(near("2026-11-24T00:59:00Z", now)).toBe("today at 00:59 UTC");
    expect(near("2026-05-11T10:00:00Z", now)).toBe("on 11 May 2026 at 10:00 UTC");
  });

  it("of days are in UTC", () => {
    expect(longDay(at)).toBe("Monday, 23 November 2026");
    expect(dayName(at)).toBe("23 November");
    expect(dayName(at, "2027-01-02")).toBe("23 November 2026");
    expect(moment(at, "2027-01-02T00:00:00Z", dayName)).toBe("23 November 2026");
    expect(shortDay(at, "2026-01-02")).toBe("23 Nov");
    expect(shortDay(at, "2027-01-02")).toBe("23 Nov 2026");
  });
});

describe("titles", () => {
  const named = { title: "Sumi no Kanata", title_english: null, title_japanese: "墨の彼方" };
  it("fall back to the main one, and tell their language", () => {
    expect(nameOf(named, "english")).toEqual({ text: "Sumi no Kanata", lang: "ja-Latn" });
    expect(nameOf(named, "japanese")).toEqual({ text: "墨の彼方", lang: "ja" });
    expect(nameOf({ ...named, title_english: "Beyond the Ink" }, "english")).toEqual({
      text: "Beyond the Ink",
      lang: undefined,
    });
  });

  it("are cut after a word where there is one", () => {
    expect(cut("Beyond the Ink", 20)).toBe("Beyond the Ink");
    expect(cut("Letters on a Salt Wind", 14)).toBe("Letters on a…");
    expect(cut("私が村の橋守になったのは", 12)).toBe("私が村の橋…");
    expect(cut("私が村の橋守になったのは", 26)).toBe("私が村の橋守になったのは");
  });
});

describe("a CSV file in an address", () => {
  it("quotes what must be, and gives a spreadsheet nothing to run", () => {
    const address = csvAddress([
      ["day", "title", "score"],
      ["2026-11-23", 'A "title", or two', 9.03],
      ["2026-11-24", "=1+1", null],
    ]);
    const [head, text = ""] = address.split(",", 2);
    expect(head).toBe("data:text/csv;charset=utf-8");
    expect(decodeURIComponent(text)).toBe(
      'day,title,score\n2026-11-23,"A ""title"", or two",9.03\n2026-11-24,\'=1+1,\n',
    );
  });
});

describe("a picture", () => {
  it("wraps its words and loses none", () => {
    const text = "Comedy is a third of all titles and Drama has the highest mean score";
    const lines = wrap(text, 24);
    expect(lines.join(" ")).toBe(text);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(24);
  });

  it("leaves the reading line on the page, and names fonts that other machines have", () => {
    document.body.innerHTML = `<svg width="200" height="100">
      <line data-readout="" x1="5" x2="5"/><rect width="9" height="9"/><text>8.11</text></svg>`;
    const drawing = document.querySelector("svg") as SVGSVGElement;
    const file = standalone(drawing, { heading: "A finding", sub: "Measured", source: "Source: here" });
    expect(file).toMatch(/^<svg[^>]* role="img"[^>]*><title>A finding<\/title>/);
    expect(file).not.toMatch(/<line|data-readout/);
    expect(file).toContain("8.11");
    expect(file.match(/font-family="[^"]*/g)).toHaveLength(1);
    expect(file).toMatch(/font-family="[^"]*Arial,[^"]*sans-serif"/);
    expect(drawing.querySelector("line")).not.toBeNull();
  });

  it("brings the fonts that have its characters", () => {
    const range = "U+0-FF,U+131, U+30??, u+58a8";
    expect(["a", "ı", "ガ", "墨"].map((text) => covers(range, text))).toEqual([true, true, true, true]);
    expect(["彼", "", "ā"].map((text) => covers(range, text))).toEqual([false, false, false]);
  });

  it("has a plain file name", () => {
    expect(fileName("33\u202f% of the titles are Comedy; Drama …")).toBe(
      "kansoku-33-of-the-titles-are-comedy-drama",
    );
    expect(fileName("墨が彼方")).toBe("kansoku-墨が彼方");
    expect(fileName("Ōkami stands above 9.00")).toBe("kansoku-okami-stands-above-9-00");
    expect(fileName("…")).toBe("kansoku-chart");
    expect(
      fileName("The Drummer of the Inner Palace Season 2 lost 0.03 since 22 November and leads the ranking"),
    ).toBe("kansoku-the-drummer-of-the-inner-palace-season-2-lost-0-03-since-22-november-and");
  });
});
