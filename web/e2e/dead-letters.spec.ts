// The upstream changes a field: one operator's way from a hundred rejected rows to charts that have them, on the real stack.
import { copyFile, mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import AxeBuilder from "@axe-core/playwright";
import { expect, type Locator, type Page, test } from "@playwright/test";
import { DATA, operator, signIn, stack } from "./operator.ts";

const SCHEMA = "anime.v1.json";
const CORRECTED = join(DATA, "incident", SCHEMA);
const DEPLOYED = join(DATA, "schemas", SCHEMA);

/** One step after another: each finds what the one before has left. */
test.describe.configure({ mode: "serial", timeout: 120_000 });

let page: Page;
let someone: Awaited<ReturnType<typeof operator>>;

test.beforeAll(async ({ browser }) => {
  test.setTimeout(120_000);
  [someone] = await Promise.all([operator("read,act,edit"), stack("incident")]);
  page = await browser.newPage();
});

test.afterAll(async () => {
  await stack("incident-undo");
  await someone?.remove();
  await page?.close();
});

const heading = (name: string | RegExp) => page.getByRole("heading", { level: 1, name });
const group = () =>
  page.getByRole("region", { name: "Groups" }).getByRole("link", { name: /\/aired\/from.*pattern/ });
const rows = () => page.getByRole("region", { name: "Rows" });

/** Fills in why, and presses the button that says how many it touches. */
async function because(form: Locator, button: string | RegExp, reason: string): Promise<void> {
  await form.getByRole("textbox", { name: "Why" }).fill(reason);
  await form.getByRole("button", { name: button }).click();
}

async function accessible(): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).setLegacyMode(true).analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" ")}`)).toEqual([]);
  const over = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  expect(over, "the page scrolls sideways").toBe(0);
}

/** Dry-runs what the list shows, and gives the heading that says what came of it. */
async function dryRun(name: RegExp): Promise<Locator> {
  await page.getByRole("button", { name: /^Dry run \d+ rows?$/ }).click();
  const verdict = page.getByRole("region", { name: "Dry run" }).getByRole("heading");
  await expect(verdict).toHaveText(name, { timeout: 30_000 });
  return page.getByRole("region", { name: "Dry run" });
}

test("who is not signed in is told how to be", async () => {
  await page.goto("/dead-letters/jobs");
  await expect(heading("Dead letters are for operators")).toBeVisible();
  await accessible();
  await signIn(page, someone.name);
  await expect(page, "leads back to what was wanted").toHaveURL(/\/dead-letters\/jobs$/);
  expect(page.url()).not.toContain("#");
});

test("the group says what happened, and takes a note and an owner", async () => {
  await page.goto("/dead-letters");
  await group().click();
  await expect(heading(/^100 rows wait since \d\d:\d\d UTC for one fault$/)).toBeVisible();
  await page.getByText("Note, owner, hold").click();
  await page.getByRole("textbox", { name: "Note" }).fill("Upstream sends plain dates");
  await page.getByRole("button", { name: "Save note" }).click();
  await expect(page.getByRole("region", { name: "Groups" })).toContainText("Upstream sends plain dates");
  await page.getByText("Note, owner, hold").click();
  await page.getByRole("button", { name: "I look after it" }).click();
  await expect(page.getByText(`Looked after by ${someone.name}.`)).toBeVisible();
});

test("a row shows its own bytes with the failing place marked", async () => {
  await page.keyboard.press("j");
  await page.keyboard.press("Enter");
  const item = page.getByRole("article");
  await expect(item.locator("mark")).toHaveText(/^"\d{4}-\d{2}-\d{2}"$/);
  await expect(item.getByRole("note")).toContainText(/line 1, column \d+/);
  await expect(item).toContainText("open, would still fail");
  await expect(item.getByText(/^bin\/nats stream get DLQ \d+$/)).toBeVisible();
  await accessible();
  await page.setViewportSize({ width: 360, height: 800 });
  await page.emulateMedia({ colorScheme: "dark" });
  await accessible();
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize({ width: 1280, height: 900 });
});

test("a corrected schema is dry-run before anybody deploys it", async () => {
  await page.getByLabel(/Judge by another schema/).setInputFiles(CORRECTED);
  const verdict = await dryRun(/^Dry run: 97 of 100 would pass with anime\.v1/);
  await expect(verdict).toContainText(/Of the last [\d,]+ accepted rows none would now fail/);
  await expect(verdict).toContainText("is not deployed");
  await expect(verdict.getByRole("button", { name: /^Replay/ })).toHaveCount(0);
  await verdict.getByRole("link", { name: "Show the 3" }).click();
  await expect(heading(/^Dry run: 97 of 100/)).toBeVisible();
  await expect(page.getByRole("table", { name: "Why the others fail" }).getByRole("row")).not.toHaveCount(1);
  await expect(page.getByRole("table", { name: "Rows of the plan" }).getByRole("row")).toHaveCount(4);
  await accessible();
});

test("texts are changed by steps, each difference is seen, and what passes is replayed", async () => {
  await page.goto("/dead-letters");
  await group().click();
  const filter = page.getByRole("textbox", { name: "Filter" });
  await filter.fill(`${await filter.inputValue()} page:2`);
  await filter.press("Enter");
  await expect(heading(/^5 rows wait/)).toBeVisible();
  await page.getByRole("button", { name: "Change the texts first…" }).click();
  const step = page.getByRole("group", { name: "Step 1" });
  await expect(step.getByLabel("Path")).toHaveValue("/aired/from");
  await step.getByRole("textbox", { name: "Pattern" }).fill("^(\\d{4}-\\d{2}-\\d{2})$");
  await step.getByRole("textbox", { name: "With" }).fill("${1}T00:00:00+00:00");
  await expect(page).toHaveURL(/steps=/);
  await accessible();
  await page.reload();
  await expect(step.getByRole("textbox", { name: "With" })).toHaveValue("${1}T00:00:00+00:00");
  const verdict = await dryRun(/^Dry run: 4 of 5 would pass now$/);
  await verdict.getByRole("link", { name: "Whole plan" }).click();
  const rows = page.getByRole("list", { name: "What becomes of each row" }).locator(":scope > li");
  await expect(rows).toHaveCount(5);
  await expect(rows.locator("ins")).toHaveText(Array(4).fill(/\d{4}-\d{2}-\d{2}T00/));
  await expect(rows.filter({ hasText: "does not match the pattern" })).toHaveCount(1);
  await accessible();
  await page.getByRole("button", { name: "Replay 4 rows…" }).click();
  await because(page.getByRole("form", { name: "Replay 4 rows" }), "Replay 4 rows", "A day is midnight");
  await expect(heading("All 4 rows are resolved")).toBeVisible({ timeout: 60_000 });
  await page.getByRole("link", { name: "Its plan" }).click();
  const changed = rows.filter({ hasText: "resolved" }).locator("ins");
  await expect(changed, "the text before its own edit").toHaveText(Array(4).fill(/\d{4}-\d{2}-\d{2}T00/));
});

test("the deployed one replays what passes, and its rows are resolved when they are stored", async () => {
  await mkdir(dirname(DEPLOYED), { recursive: true });
  await copyFile(CORRECTED, DEPLOYED);
  await expect(async () => {
    await page.goto("/dead-letters");
    await group().click();
    await dryRun(/^Dry run: 93 of 96 would pass now$/);
  }).toPass({ timeout: 60_000 });
  await page.getByRole("button", { name: "Replay 93 rows…" }).click();
  await because(
    page.getByRole("form", { name: "Replay 93 rows" }),
    "Replay 93 rows",
    "The schema is deployed",
  );
  await expect(page).toHaveURL(/\/dead-letters\/jobs\//);
  await expect(heading("All 93 rows are resolved")).toBeVisible({ timeout: 60_000 });
  await accessible();
  await page.goto("/dead-letters");
  await expect(heading(/^\d+ rows wait/)).toBeVisible();
  await page.getByRole("link", { name: /^Resolved/ }).click();
  await expect(group()).toContainText("fixed");
});

/** Opens one of the three rows that are left. */
async function left(number: number): Promise<Locator> {
  await page.goto("/dead-letters");
  await expect(heading(/rows? waits?/)).toBeVisible();
  await rows().getByRole("link").nth(number).click();
  return page.getByRole("article");
}

test("one of the others is edited, and judged while somebody types", async () => {
  const item = await left(0);
  await item.getByRole("button", { name: "Edit" }).click();
  const form = page.getByRole("form", { name: "Edit" });
  const body = form.getByRole("textbox", { name: "Body" });
  const text = await body.inputValue();
  await expect(form.getByRole("status")).toContainText("fault");
  const mended = text
    .replace('"from":""', '"from":"2026-10-18"')
    .replace(/"score": ?"N\\?\/A"/, '"score":null');
  expect(mended).not.toBe(text);
  await body.fill(mended);
  await expect(form.getByRole("status")).toContainText("It would pass now.");
  await expect(form.getByRole("region", { name: "What you have changed" }).locator("ins")).not.toHaveCount(0);
  await because(form, /^Save the edit of 1 row$/, "As the site says");
  await expect(item.getByText("What was edited")).toBeVisible();
  await item.getByRole("button", { name: "Replay this row" }).click();
  await because(page.getByRole("form", { name: "Replay 1 row" }), "Replay 1 row", "Mended by hand");
  await expect(heading("The row is resolved")).toBeVisible({ timeout: 60_000 });
});

test("two are discarded with a reason, and one of them is taken back", async () => {
  for (const reason of ["Empty upstream too", "A mistake"]) {
    const item = await left(0);
    await item.getByRole("button", { name: "Discard this row" }).click();
    await because(page.getByRole("form", { name: "Discard this row" }), "Discard this row", reason);
    await expect(item.getByRole("button", { name: "Restore this row" })).toBeVisible();
  }
  const item = page.getByRole("article");
  await item.getByRole("button", { name: "Restore this row" }).click();
  await because(
    page.getByRole("form", { name: "Restore this row" }),
    "Restore this row",
    "It is wanted after all",
  );
  await expect(item.getByRole("button", { name: "Discard this row" })).toBeVisible();
  await expect(item).toContainText("It is wanted after all");
});

test("two operators do not write over one another", async ({ browser }) => {
  const other = await operator("read,act");
  const second = await browser.newPage();
  await signIn(second, other.name);
  const item = await left(0);
  await second.goto(page.url());
  for (const [whose, reason] of [
    [second, "I was first"],
    [page, "I was second"],
  ] as const) {
    await whose.getByRole("article").getByRole("button", { name: "Discard this row" }).click();
    const form = whose.getByRole("form", { name: "Discard this row" });
    await form.getByRole("textbox", { name: "Why" }).fill(reason);
  }
  await second.getByRole("form").getByRole("button", { name: "Discard this row" }).click();
  await expect(second.getByRole("button", { name: "Restore this row" })).toBeVisible();
  await page.getByRole("form").getByRole("button", { name: "Discard this row" }).click();
  await expect(item.getByRole("alert")).toContainText(other.name);
  await expect(item.getByRole("button", { name: "Restore this row" })).toBeVisible();
  await second.close();
  await other.remove();
});

test("the audit says who did what, and why; the ledger adds up", async () => {
  await page.goto("/dead-letters/audit");
  const table = page.getByRole("table", { name: "Actions" });
  for (const reason of ["I was first", "Empty upstream too", "As the site says", "The schema is deployed"])
    await expect(table).toContainText(reason);
  await accessible();
  await page.getByRole("link", { name: "Ledger" }).click();
  await expect(heading("Every row received is accounted for")).toBeVisible({ timeout: 30_000 });
  await accessible();
  await page.getByRole("button", { name: "Leave" }).click();
  await expect(heading("Dead letters are for operators")).toBeVisible();
});
