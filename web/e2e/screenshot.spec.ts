// The picture in the README, made only when asked for.
import { test } from "@playwright/test";
import { open } from "./helper.ts";

if (process.env.KANSOKU_SCREENSHOT) {
  test("the picture of the overview", async ({ page }) => {
    await page.setViewportSize({ width: 1280, height: 1000 });
    await page.emulateMedia({ colorScheme: "light" });
    await open(page, "/?catalogue=sample");
    await page.screenshot({ path: "../docs/screenshot.png" });
  });
}
