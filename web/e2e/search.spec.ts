// From the name of a title to its page, by the keyboard and on a phone.
import AxeBuilder from "@axe-core/playwright";
import { expect, type Page, test } from "@playwright/test";
import { answer, open } from "./helper.ts";

const field = (page: Page) => page.getByRole("combobox", { name: "Search titles" });
const options = (page: Page) => page.getByRole("listbox", { name: "Titles" }).getByRole("option");

test("a title is found by each of its names, typing errors forgiven, and opened", async ({
  page,
  request,
}) => {
  const { data } = await answer(request, "analytics/top-anime");
  const title = data.titles.find((one) => one.title_english && one.title_japanese);
  const english = title?.title_english ?? "";
  const wrong = english.slice(0, 3) + english.slice(4);
  await open(page, "/?catalogue=sample&kind=theme");
  await page.keyboard.press("/");
  await expect(field(page)).toBeFocused();
  for (const name of [title?.title ?? "", english, title?.title_japanese ?? "", wrong]) {
    await field(page).fill(name);
    await expect(options(page).first()).toContainText(english);
    await expect(page.getByRole("search").getByRole("status")).toContainText(/titles? found/);
  }
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(new RegExp(`/title/${title?.mal_id}\\?catalogue=sample$`));
  await expect(page.getByRole("heading", { level: 1 })).toContainText(english);
  await page.goBack();
  await expect(page).toHaveURL(/\/\?catalogue=sample&kind=theme$/);
  await expect(page.getByRole("figure")).toHaveCount(4);
});

test("nothing like the text is said so, and an endless one is cut", async ({ page }) => {
  await open(page, "/?catalogue=sample");
  await field(page).fill("qxqxqx vjvjvj");
  await expect(page.getByText("No title has a name like “qxqxqx vjvjvj”.")).toBeVisible();
  await field(page).fill("ж".repeat(10_000));
  await expect(page.getByText("Only the first 200 characters are looked for.")).toBeVisible();
  await expect(page.getByRole("alert")).toHaveCount(0);
  await page.keyboard.press("Escape");
  await expect(options(page)).toHaveCount(0);
});

for (const [width, theme] of [
  [360, "light"],
  [1280, "dark"],
] as const) {
  test(`the titles found have room and contrast at ${width} px, ${theme}`, async ({ page }) => {
    await page.setViewportSize({ width, height: 800 });
    await page.emulateMedia({ colorScheme: theme, reducedMotion: "reduce" });
    await open(page, "/?catalogue=sample");
    const opener = page.getByRole("button", { name: "Search titles" });
    if (await opener.isVisible()) await opener.click();
    await field(page).fill("the");
    await expect(options(page).first()).toBeVisible();
    const { violations } = await new AxeBuilder({ page }).setLegacyMode(true).include("header").analyze();
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" ")}`)).toEqual(
      [],
    );
    for (const option of await options(page).all()) {
      const box = await option.boundingBox();
      expect(box?.height).toBeGreaterThanOrEqual(40);
      expect((box?.x ?? 0) + (box?.width ?? 0)).toBeLessThanOrEqual(width);
    }
    await page.keyboard.press("End");
    await expect(options(page).last()).toBeInViewport({ ratio: 1 });
    await options(page).first().click();
    await expect(page).toHaveURL(/\/title\/\d+\?catalogue=sample$/);
    await expect(options(page)).toHaveCount(0);
  });
}
