import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readJourney } from "./journey.ts";
import { OVERVIEW_CHARTS, readOverview } from "./overview.ts";
import { journeyPath, overviewPath, titlePath } from "./paths.ts";
import { changeSort, openTables, parse, sortIn, stringify, toggleTable } from "./shared.ts";
import { readTitle, TITLE_CHARTS } from "./title.ts";

const SCHEMAS = { overview: readOverview, title: readTitle, journey: readJourney };
const FULL = {
  overview:
    "?catalogue=mal&source=https%3A%2F%2Fapi.example%2Fv4&as_of=2026-11-20&names=japanese&since=day&kind=studio&measure=titles&score=median&members=median&seasons=all&table=top.seasons&sort=seasons_-mean_score.top_votes",
  title:
    "?catalogue=mal&names=romaji&range=30&measure=favorites&at=2026-11-20&table=line.weeks&sort=episodes_-score",
  journey: "?catalogue=mal&title=9001",
};

describe.each(Object.entries(SCHEMAS))("the address of the page %s", (name, read) => {
  it("holds every choice", () => {
    const text = FULL[name as keyof typeof FULL];
    expect(stringify(read(parse(text)))).toBe(text);
  });

  it("drops what is unknown or wrong", () => {
    const wrong =
      "?catalogue=both&as_of=yesterday&names=english&kind=genre&measure=share&range=90&at=2026-11-20T10:00:00Z&title=0&table=all&sort=genres.nothing_titles._x.lead_a%20b&utm_source=x&source=";
    expect(read(parse(wrong))).toEqual({});
    expect(read(parse("?as_of=2026-13-45"))).toEqual({});
    expect(read(parse("?as_of=2026-11-20T10:00:00Z"))).toEqual({ as_of: "2026-11-20T10:00:00Z" });
  });

  it("never throws, whatever it says", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.anything()), (raw) => {
        expect(() => read(raw)).not.toThrow();
      }),
    );
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(() => read(parse(text))).not.toThrow();
      }),
    );
  });
});

describe("the open tables", () => {
  it("are opened and closed one at a time, in the page's order", () => {
    const toggle = (table: string | undefined, id: string) => toggleTable(OVERVIEW_CHARTS, table, id);
    const both = toggle(toggle(undefined, "seasons"), "top");
    expect(both).toBe("top.seasons");
    expect(openTables(OVERVIEW_CHARTS, both)).toEqual(["top", "seasons"]);
    expect(toggle(both, "top")).toBe("seasons");
    expect(toggle("top", "top")).toBeUndefined();
    expect(openTables(TITLE_CHARTS, both)).toEqual([]);
  });
});

describe("the order of a table", () => {
  const byVotes = { column: "votes", direction: "ascending" } as const;
  const byScore = { column: "mean_score", direction: "descending" } as const;

  it("is one part of the address for each chart, whichever was sorted first", () => {
    const both = changeSort(changeSort(undefined, "top", byVotes), "genres", byScore);
    expect(both).toBe("top_votes.genres_-mean_score");
    expect(sortIn(both, "top")).toEqual(byVotes);
    expect(sortIn(both, "genres")).toEqual(byScore);
    expect(sortIn(both, "seasons")).toBeNull();
  });

  it("goes where it is the one that nobody chose", () => {
    expect(changeSort("top_votes.genres_titles", "top", null)).toBe("genres_titles");
    expect(changeSort("top_votes", "top", null)).toBeUndefined();
  });
});

describe("a link", () => {
  const search = {
    catalogue: "mal",
    as_of: "2026-11-20",
    names: "romaji",
    kind: "studio",
    table: "top",
  } as const;

  it("keeps the captures and the names, and none of the page's own choices", () => {
    expect(titlePath(9001, search)).toBe("/title/9001?catalogue=mal&as_of=2026-11-20&names=romaji");
    expect(overviewPath(search)).toBe("/?catalogue=mal&as_of=2026-11-20&names=romaji");
    expect(journeyPath(17, 5612, { catalogue: "mal" }, 9001)).toBe(
      "/journey/17/5612?catalogue=mal&title=9001",
    );
    expect(titlePath(9001)).toBe("/title/9001");
  });
});
