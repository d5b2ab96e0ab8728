// At three widths, in two themes, with and without tables: no violation, nothing cut off.
import AxeBuilder from "@axe-core/playwright";
import { expect, test } from "@playwright/test";
import { open } from "./helper.ts";

const WIDTHS = [360, 768, 1280];
const THEMES = ["light", "dark"] as const;
const VIEWS = {
  charts: "/?catalogue=sample",
  tables: "/?catalogue=sample&names=japanese&table=top.genres.seasons",
};

for (const width of WIDTHS) {
  for (const theme of THEMES) {
    for (const [name, address] of Object.entries(VIEWS)) {
      test(`${name} at ${width} px, ${theme}`, async ({ page }) => {
        await page.setViewportSize({ width, height: 900 });
        await page.emulateMedia({ colorScheme: theme, reducedMotion: "reduce" });
        await open(page, address);
        const { violations } = await new AxeBuilder({ page }).analyze();
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

test("the page's structure as it is read aloud", async ({ page }) => {
  await open(page, "/?catalogue=sample");
  await expect(page.locator("body")).toMatchAriaSnapshot(`
    - link "Skip to the charts"
    - banner:
      - paragraph:
        - strong: Sample data.
      - link "Kansoku 観測"
      - navigation "Pages":
        - list:
          - listitem:
            - link "Overview"
      - combobox "Catalogue"
      - textbox "As of"
      - button /Theme/
      - button "Keyboard shortcuts"
      - paragraph: /Last observed/
      - img /Captures of the last 60 days/
    - main:
      - heading [level=1]
      - slider "Days"
      - img /Score of/
      - figure:
        - heading [level=2]
        - group "Titles in":
          - button "English" [pressed]
          - button "Romaji"
          - button "日本語"
        - slider "Titles"
        - table
        - list:
          - listitem:
            - button "Table"
          - listitem:
            - link "CSV"
          - listitem:
            - button "SVG"
          - listitem:
            - button "Copy link"
      - figure:
        - heading [level=2]
        - group "Titles by"
        - group "As"
        - slider "Genres"
        - img /sorted by number/
      - figure:
        - heading [level=2]
        - group "Score"
        - group "Members"
        - slider "Seasons"
        - img /Score and members over/
    - contentinfo:
      - link "API"
      - link "OpenAPI document"
  `);
});
