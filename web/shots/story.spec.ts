// The story of the dead letters as frames of one short animation: what broke, one row, the dry run, the replay.
import { copyFile, mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { expect, type Page, test } from "@playwright/test";
import { DATA, operator, signIn, stack } from "../e2e/operator.ts";
import { FOLDER, WIDTH, write } from "./picture.ts";

/** Where messages go in the place of Slack, if somebody watches. */
const SINK = process.env.KANSOKU_SINK;
const FRAMES = process.env.KANSOKU_FRAMES ?? "";
const SCHEMA = "anime.v1.json";
const CORRECTED = join(DATA, "incident", SCHEMA);
const DEPLOYED = join(DATA, "schemas", SCHEMA);
const SIZE = { width: 1000, height: 640 };

test.setTimeout(240_000);

const heading = (page: Page, name: RegExp) => page.getByRole("heading", { level: 1, name });
const group = (page: Page) =>
  page.getByRole("region", { name: "Groups" }).getByRole("link", { name: /\/aired\/from.*pattern/ });

test("a field changes, and its rows come back", async ({ page }) => {
  const someone = await operator("read,act,edit", "night-shift");
  const frames = { count: 0 };
  /** One picture of the animation; what matters stands in its middle. */
  async function frame(about = page.locator("h1").first()): Promise<void> {
    await about.evaluate((element) => element.scrollIntoView({ block: "center" }));
    const path = `${FRAMES}/${String(frames.count++).padStart(2, "0")}.png`;
    await page.screenshot({ path, animations: "disabled" });
  }

  await stack("incident");
  await page.setViewportSize({ width: WIDTH, height: 1000 });
  await signIn(page, someone.name);
  await expect(heading(page, /^1\d\d rows wait/)).toBeVisible({ timeout: 60_000 });
  await write(page, "dead-letters", { x: 0, y: 0, width: WIDTH, height: 900 });

  // Before the rows are mended: who is quicker than the alert is told nothing.
  if (SINK) {
    const message = /^── \S+ +#kansoku-tickets\nTICKET DeadLettersArrive[^─]+/m;
    const words = async () => message.exec(await (await fetch(SINK)).text())?.[0] ?? "";
    await expect.poll(words, { timeout: 120_000 }).not.toBe("");
    await writeFile(`${FOLDER}/alert.txt`, `${(await words()).trim()}\n`);
  }

  await page.setViewportSize(SIZE);
  await frame();
  await group(page).click();
  await expect(heading(page, /for one fault$/)).toBeVisible();
  await page.keyboard.press("j");
  await page.keyboard.press("Enter");
  const fault = page.getByRole("article").locator("mark").first();
  await expect(fault).toBeVisible();
  await frame(fault);

  const verdict = page.getByRole("region", { name: "Dry run" }).getByRole("heading");
  await page.getByLabel(/Judge by another schema/).setInputFiles(CORRECTED);
  await page.getByRole("button", { name: /^Dry run \d+ rows?$/ }).click();
  await expect(verdict).toHaveText(/^Dry run: \d+ of 100 would pass/, { timeout: 30_000 });
  await frame(verdict);

  const replay = page.getByRole("button", { name: /^Replay \d+ rows…$/ });
  await mkdir(dirname(DEPLOYED), { recursive: true });
  await copyFile(CORRECTED, DEPLOYED);
  await expect(async () => {
    await page.goto("/dead-letters");
    await group(page).click();
    await page.getByRole("button", { name: /^Dry run \d+ rows?$/ }).click();
    await expect(verdict).toHaveText(/^Dry run: 9\d of \d+ would pass now$/, { timeout: 10_000 });
    // It is offered once the API, too, knows the schema as deployed.
    await expect(replay).toBeVisible({ timeout: 2_000 });
  }).toPass({ timeout: 60_000 });
  await replay.click();
  const form = page.getByRole("form", { name: /^Replay \d+ rows$/ });
  await form.getByRole("textbox", { name: "Why" }).fill("The corrected schema is deployed");
  await frame(form);
  await form.getByRole("button", { name: /^Replay \d+ rows$/ }).click();
  await expect(heading(page, /^All \d+ rows are resolved$/)).toBeVisible({ timeout: 60_000 });
  await frame();
  await page.getByRole("link", { name: "Ledger" }).click();
  await expect(heading(page, /^Every row received is accounted for$/)).toBeVisible({ timeout: 30_000 });
  await frame();
  await stack("incident-undo");
  await someone.remove();
});
