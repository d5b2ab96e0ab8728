import { describe, expect, it } from "vitest";
import { group, item, job } from "../testing/operator.ts";
import {
  groupState,
  groupTerms,
  headline,
  itemHeadline,
  itemName,
  itemPlace,
  lastHours,
  projectionWords,
  sinceWhen,
} from "./deadLetters.ts";
import { isOver, jobHeadline } from "./jobs.ts";
import { ruleWords } from "./rules.ts";

const NOW = new Date("2026-11-23T07:00:00Z");
const counted = {
  total: 900,
  isExact: true,
  states: ["open"],
  since: "2026-11-23T02:00:11Z",
  faults: 1,
  isNarrowed: false,
};

describe("what happened", () => {
  it("is said with its number, its beginning and its faults", () => {
    expect(headline(counted, NOW)).toBe("900 rows wait since 02:00 UTC for one fault");
    expect(headline({ ...counted, total: 1, since: "2026-11-22T13:12:00Z" }, NOW)).toBe(
      "1 row waits since yesterday, 13:12 UTC for one fault",
    );
    expect(headline({ ...counted, isExact: false, faults: 15, since: "2026-11-02T13:12:00Z" }, NOW)).toBe(
      "About 900 rows wait since 2 Nov 2026, 13:12 UTC for 15 faults",
    );
    expect(headline({ ...counted, states: ["resolved"], faults: 2 }, NOW)).toBe(
      "900 rows are resolved for two faults",
    );
    expect(headline({ ...counted, states: ["open", "failed"], faults: 0 }, NOW)).toBe(
      "900 rows could not be stored",
    );
  });

  it("is nothing, and says of what", () => {
    expect(headline({ ...counted, total: 0 }, NOW)).toBe("No row waits");
    expect(headline({ ...counted, total: 0, states: [] }, NOW)).toBe("No dead letters");
    expect(headline({ ...counted, total: 0, states: ["discarded"] }, NOW)).toBe("No row is discarded");
    expect(headline({ ...counted, total: 0, isNarrowed: true }, NOW)).toBe("No dead letter is like that");
  });

  it("is told of one item", () => {
    expect(itemHeadline(item(13, { state: "failed" }))).toBe("One row failed again");
    expect(itemName(item(13, { title: null }))).toBe("Row 14 of page 3");
    expect(itemPlace(item(13, { row: null }))).toBe("page 3, top.score");
    expect(sinceWhen("2026-11-23T02:00:11Z", NOW)).toBe("02:00");
  });
});

describe("a group", () => {
  it("is chosen by names, and by its number where names are wanting", () => {
    expect(groupTerms(group())).toEqual({ reason: "schema", path: "/aired/from", keyword: "pattern" });
    expect(groupTerms(group({ path: "", keyword: "" }))).toEqual({ group: "4" });
    expect(groupTerms(group({ path: "/titles/*" }))).toEqual({ group: "4" });
  });

  it("is fixed, and says how many of it wait still", () => {
    expect(groupState(group({ state: "fixed", open: 3 }))).toBe("fixed, 3 open");
    expect(groupState(group({ state: "fixed", open: 0 }))).toBe("fixed");
    expect(groupState(group({ state: "acknowledged", open: 3 }))).toBe("seen");
  });

  it("has a bar for each of the last hours", () => {
    const hours = lastHours(group().hours, NOW);
    expect([hours.length, ...hours.slice(-6)]).toEqual([24, 600, 250, 50, 0, 0, 0]);
  });
});

describe("the projection", () => {
  const at = "2026-11-23T07:00:00Z";

  it("is behind, or nothing is said", () => {
    const dlq = { epoch: 1, seq: 9, last_seq: 9, at };
    expect(projectionWords({ dlq, audit: null })).toBeNull();
    expect(projectionWords({ dlq: { ...dlq, last_seq: 1_200 }, audit: null })).toBe(
      "The projection is at DLQ 9 of 1,200: the counts are behind.",
    );
    expect(projectionWords(undefined)).toBeNull();
  });
});

describe("a rule in words", () => {
  const words = (keyword: string, rule: string | null, message: string | null = null) =>
    ruleWords({ keyword, message, schema_path: `/properties/x/${keyword}` }, rule);

  it("says what is wanted, from the schema's own text", () => {
    expect(words("type", '{"type":["integer","null"]}')).toBe("wants a whole number or null");
    expect(words("type", '"string"')).toBe("wants text");
    expect(words("format", '{"format":"date-time"}')).toBe(
      "wants a date with a time, like 2026-10-18T00:00:00+00:00",
    );
    expect(words("minimum", "0")).toBe("wants at least 0");
    expect(words("enum", '["TV","Movie"]')).toBe('wants one of "TV", "Movie"');
  });

  it("else says what the judge said, with nothing hidden in it", () => {
    expect(words("required", '{"required":["a"]}', "“a” is missing\u202e")).toBe("“a” is missing⟨U+202E⟩");
    expect(words("pattern", null)).toBe("breaks the rule “pattern”");
    expect(words("type", "no JSON", "wrong")).toBe("wrong");
    const form = { keyword: "pattern", message: "it has none of 3 forms", schema_path: "/anyOf/2/pattern" };
    expect(ruleWords(form, '{"pattern":"^[0-9]{4}$"}')).toBe("it has none of 3 forms");
  });
});

describe("a replay", () => {
  it("says how far it is", () => {
    const counts = { members: 97, waiting: 0, published: 0, resolved: 97, failed: 0, skipped: 0 };
    expect(jobHeadline(job())).toBe("Replaying: 396 of 897 rows resolved, 3 failed again");
    expect(jobHeadline(job({ state: "done", counts }))).toBe("All 97 rows are resolved");
    expect(jobHeadline(job({ state: "cancelled", counts: { ...counts, resolved: 9 } }))).toBe(
      "Replay: 9 of 97 rows resolved",
    );
  });

  it("is over when nothing is in flight any more", () => {
    expect(isOver(job({ state: "done" }))).toBe(false);
    expect(isOver(job({ state: "done", counts: { ...job().counts, published: 0 } }))).toBe(true);
    expect(isOver(job({ state: "paused" }))).toBe(false);
  });
});
