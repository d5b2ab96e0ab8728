// The pages that the README shows.
import { expect, type Page, test } from "@playwright/test";
import { answer, chart, open, settled } from "../e2e/helper.ts";
import { type Clip, WIDTH, write } from "./picture.ts";

/** From the top of the page to a bit below the lowest of these. */
async function down(page: Page, ...to: string[]): Promise<Clip> {
  const ends = await Promise.all(to.map((selector) => page.locator(selector).last().boundingBox()));
  const height = Math.max(...ends.map((box) => (box ? box.y + box.height : 0))) + 32;
  return { x: 0, y: 0, width: WIDTH, height };
}

test.beforeEach(async ({ page }) => {
  await page.setViewportSize({ width: WIDTH, height: 1000 });
});

for (const colorScheme of ["light", "dark"] as const) {
  test(`the overview, ${colorScheme}`, async ({ page }) => {
    await page.emulateMedia({ colorScheme });
    // Captures may lie minutes apart; in a day something moves.
    await open(page, "/?catalogue=sample");
    // Down to the end of the ranking and the genres, so that nothing is cut through.
    await write(page, `overview-${colorScheme}`, await down(page, "figure#top", "figure#genres"));
  });
}

test("a title, the origin of a day, and that page's journey", async ({ page, request }) => {
  const { data } = await answer(request, "analytics/top-anime");
  await open(page, `/title/${data.titles[0]?.mal_id}?catalogue=sample`);
  await expect(chart(page, "lead").or(page.locator("figure#line"))).toBeVisible();
  await write(page, "title", await down(page, "figure#line", "figure#weeks"));

  const days = page.getByRole("slider", { name: "Days" });
  await days.focus();
  await page.keyboard.press("End");
  await page.keyboard.press("Enter");
  await page.getByRole("link", { name: "Its whole journey" }).click();
  await settled(page);
  await expect(page.getByText("visible from then on")).toBeVisible();
  await write(page, "journey", await down(page, "main"));
});
