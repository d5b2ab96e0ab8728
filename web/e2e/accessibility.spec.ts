// At three widths, in two themes, with and without tables: no violation, nothing cut off.
import AxeBuilder from "@axe-core/playwright";
import { expect, type Page, test } from "@playwright/test";
import { chart, open } from "./helper.ts";

const WIDTHS = [360, 768, 1280];
const THEMES = ["light", "dark"] as const;
const VIEWS = {
  charts: "/?catalogue=sample",
  tables: "/?catalogue=sample&names=japanese&table=lead.top.genres.seasons",
};

/** The page has no frames, so axe needs no second page; what passes need not be described. Half the time of the default. */
function audit(page: Page): AxeBuilder {
  return new AxeBuilder({ page }).setLegacyMode(true).options({ resultTypes: ["violations"] });
}

for (const width of WIDTHS) {
  for (const theme of THEMES) {
    for (const [name, address] of Object.entries(VIEWS)) {
      test(`${name} at ${width} px, ${theme}`, async ({ page }) => {
        await page.setViewportSize({ width, height: 900 });
        await page.emulateMedia({ colorScheme: theme, reducedMotion: "reduce" });
        await open(page, address);
        const { violations } = await audit(page).analyze();
        expect(
          violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" ")}`),
        ).toEqual([]);
        const hidden = await page.evaluate(
          () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
        );
        expect(hidden, "the page scrolls sideways").toBe(0);
      });
    }
  }
}

/** The reader's characters are twice as large. */
async function enlarge(page: Page): Promise<void> {
  await page.addInitScript(() =>
    document.addEventListener("DOMContentLoaded", () => {
      document.documentElement.style.fontSize = "200%";
    }),
  );
}

for (const width of [360, 768, 1280]) {
  test(`characters twice as large at ${width} px`, async ({ page }) => {
    await page.setViewportSize({ width, height: 900 });
    await enlarge(page);
    await open(page, "/?catalogue=sample");
    const hidden = () =>
      page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect(await hidden(), "the page scrolls sideways").toBe(0);
  });
}

for (const [width, twice] of [
  [1024, false],
  [1024, true],
  [1100, false],
  [1280, false],
  [1280, true],
] as const) {
  test(`room for a title at ${width} px${twice ? ", characters twice as large" : ""}`, async ({ page }) => {
    await page.setViewportSize({ width, height: 900 });
    if (twice) await enlarge(page);
    await open(page, "/?catalogue=sample");
    const characters = twice ? 32 : 16;
    for (const cell of await chart(page, "top").getByRole("rowheader").all())
      expect(((await cell.boundingBox())?.width ?? 0) / characters).toBeGreaterThanOrEqual(10);
    const header = await page.getByRole("banner").boundingBox();
    const help = await page.getByRole("button", { name: "Keyboard shortcuts" }).boundingBox();
    expect((help?.y ?? 0) + (help?.height ?? 0)).toBeLessThanOrEqual(
      (header?.y ?? 0) + (header?.height ?? 0),
    );
    expect(help?.height).toBeGreaterThanOrEqual(2 * characters);
  });
}

test.describe("as it is read aloud", () => {
  test.beforeEach(({ page }) => open(page, "/?catalogue=sample"));

  test("the banner", async ({ page }) => {
    await expect(page.getByRole("banner")).toMatchAriaSnapshot(`
      - paragraph: /Sample data/
      - link "Kansoku 観測"
      - navigation "Pages":
        - list:
          - listitem:
            - link "Overview"
      - combobox "Catalogue"
      - textbox "As of"
      - search:
        - combobox "Search titles"
      - button /Theme/
      - button "Keyboard shortcuts"
      - paragraph:
        - time: / at /
      - img /Captures of the last 60 days/
    `);
  });

  test("the lead", async ({ page }) => {
    await expect(page.getByRole("main")).toMatchAriaSnapshot(`
      - heading [level=1]
      - figure "The line of the leading title":
        - slider "Days"
        - img /Score of .* from/
        - paragraph: /Source/
        - list
      - figure
      - figure
      - figure
    `);
  });

  test("the ranking", async ({ page }) => {
    await expect(chart(page, "top")).toMatchAriaSnapshot(`
      - heading [level=2]
      - group "Titles in":
        - button "English" [pressed]
        - button "Romaji"
        - button "日本語"
      - slider "Titles"
      - table:
        - rowgroup:
          - row:
            - columnheader "Place"
            - columnheader "Move"
            - columnheader "Title"
            - columnheader /Score since/
            - columnheader "Score"
            - columnheader "14 days"
            - columnheader "Votes"
      - list:
        - listitem:
          - button "Table"
        - listitem:
          - link "CSV"
        - listitem:
          - button "SVG"
        - listitem:
          - button "PNG"
        - listitem:
          - button "Copy link"
      - group: Origin of each row
    `);
  });

  test("the two drawings", async ({ page }) => {
    await expect(chart(page, "genres")).toMatchAriaSnapshot(`
      - heading [level=2]
      - group "Titles by"
      - group "Show as"
      - slider "Genres"
      - img /genres of .* titles, sorted by number/
    `);
    await expect(chart(page, "seasons")).toMatchAriaSnapshot(`
      - heading [level=2]
      - group "Score"
      - group "Members"
      - slider "Seasons"
      - img /Score and members over/
    `);
  });
});
