// A bar that takes room beside the page, which comes and goes: the drawings are measured again.
import { expect, test } from "@playwright/test";
import config from "../playwright.config.ts";
import { open } from "./helper.ts";

test.use({ launchOptions: { ...config.use?.launchOptions, ignoreDefaultArgs: ["--hide-scrollbars"] } });

for (const width of [320, 360, 768]) {
  test(`nothing scrolls sideways beside a bar at ${width} px`, async ({ page }) => {
    await page.setViewportSize({ width, height: 12_000 });
    await open(page, "/?catalogue=sample");
    const read = () =>
      page.evaluate(() => ({
        bar: window.innerWidth - document.documentElement.clientWidth,
        hidden: document.documentElement.scrollWidth - document.documentElement.clientWidth,
        drawn: [...document.querySelectorAll("figure:not(#top) svg[role=img]")].map(
          (svg) => svg.getBoundingClientRect().width <= (svg.parentElement?.clientWidth ?? 0),
        ),
      }));
    await expect.poll(read).toEqual({ bar: 0, hidden: 0, drawn: [true, true, true] });
    await page.setViewportSize({ width, height: 800 });
    await expect.poll(read).toEqual({ bar: 15, hidden: 0, drawn: [true, true, true] });
  });
}
