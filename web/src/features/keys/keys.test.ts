import { describe, expect, it } from "vitest";
import { isShortcut } from "./keys.ts";

describe("a shortcut", () => {
  function press(init: KeyboardEventInit, target: Element): boolean {
    document.body.replaceChildren(target);
    const event = new KeyboardEvent("keydown", { key: "t", bubbles: true, ...init });
    let found = false;
    target.addEventListener("keydown", () => {
      found = isShortcut(event);
    });
    target.dispatchEvent(event);
    return found;
  }

  it("is a key pressed on the page", () => {
    expect(press({}, document.createElement("p"))).toBe(true);
  });

  it("is not a key that somebody types or a combination of the browser's", () => {
    for (const name of ["input", "select", "textarea"])
      expect(press({}, document.createElement(name))).toBe(false);
    expect(press({ ctrlKey: true }, document.createElement("p"))).toBe(false);
    expect(press({ metaKey: true }, document.createElement("p"))).toBe(false);
  });
});
