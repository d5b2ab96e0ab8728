import { describe, expect, it, vi } from "vitest";
import { browserHistory, memoryHistory } from "./history.ts";

describe.each([
  ["of the browser", () => browserHistory(window)],
  ["in memory", () => memoryHistory("/")],
])("a history %s", (_, make) => {
  it("tells where the reader is, and that it has changed", () => {
    const history = make();
    const changed = vi.fn();
    const stop = history.subscribe(changed);
    history.go("/title/9001?names=romaji#line", true);
    expect(history.place).toEqual({ path: "/title/9001", search: "?names=romaji", hash: "#line" });
    expect(history.place).toBe(history.place);
    history.go("/title/9001", false);
    expect(history.place.search).toBe("");
    expect(changed).toHaveBeenCalledTimes(2);
    stop();
    history.go("/", true);
    expect(changed).toHaveBeenCalledTimes(2);
  });
});

describe("a history in memory", () => {
  it("goes back to the step before", () => {
    const history = memoryHistory("/a");
    history.go("/b", true);
    history.go("/c", false);
    history.back();
    expect(history.place.path).toBe("/a");
    history.back();
    expect(history.place.path).toBe("/a");
  });
});
