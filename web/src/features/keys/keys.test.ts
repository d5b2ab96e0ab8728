import { describe, expect, it } from "vitest";
import { isShortcut, mostVisible } from "./keys.ts";

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

describe("the chart in sight", () => {
  it("is the one that shows most", () => {
    const boxes = [
      { top: -700, bottom: 100 },
      { top: 100, bottom: 800 },
      { top: 800, bottom: 1500 },
    ];
    expect(mostVisible(boxes, 900)).toBe(1);
    expect(mostVisible([{ top: 900, bottom: 1000 }], 900)).toBe(0);
  });
});
