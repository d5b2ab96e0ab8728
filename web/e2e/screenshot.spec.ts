// The picture in the README, made only on request.
import { test } from "@playwright/test";
import { chart, open } from "./helper.ts";

const WIDTH = 1280;

if (process.env.KANSOKU_SCREENSHOT) {
  test("the picture of the overview", async ({ page }) => {
    await page.setViewportSize({ width: WIDTH, height: 1000 });
    await page.emulateMedia({ colorScheme: "light" });
    // Captures may lie minutes apart; in a day something moves.
    await open(page, "/?catalogue=sample");
    // Down to the end of the ranking and the genres, so that nothing is cut through.
    const ends = await Promise.all((["top", "genres"] as const).map((id) => chart(page, id).boundingBox()));
    const height = Math.max(...ends.map((box) => (box ? box.y + box.height : 0))) + 32;
    const clip = { x: 0, y: 0, width: WIDTH, height };
    await page.screenshot({ path: "../docs/screenshot.png", fullPage: true, clip });
  });
}
