// What a person does with the page: address, keys, files.
import { readFile } from "node:fs/promises";
import { type BrowserContext, expect, test } from "@playwright/test";
import { answer, chart, open, settled } from "./helper.ts";

test("the address is the view", async ({ page }) => {
  await open(page, "/?catalogue=sample");
  await chart(page, "top").getByRole("button", { name: "Romaji" }).click();
  await chart(page, "top").getByRole("button", { name: "In a day" }).click();
  await chart(page, "genres").getByRole("button", { name: "Themes" }).click();
  await chart(page, "genres").getByRole("button", { name: "Count" }).click();
  await chart(page, "seasons").getByRole("button", { name: "Median score" }).click();
  await chart(page, "genres").getByRole("button", { name: "Table" }).click();
  await expect(page).toHaveURL(
    /\?catalogue=sample&names=romaji&since=day&kind=theme&measure=titles&score=median&table=genres$/,
  );
  const heading = chart(page, "genres").getByRole("heading", { level: 2 });
  await expect(heading).toContainText("theme");
  const before = await heading.textContent();
  await page.reload();
  await settled(page);
  await expect(heading).toHaveText(before ?? "");
  await expect(chart(page, "genres").getByRole("region", { name: /^Table/ })).toBeVisible();
});

test("another catalogue is another address, and its banner tells them apart", async ({ page, request }) => {
  await open(page, "/?catalogue=sample");
  await expect(page.getByText("Sample data.")).toBeVisible();
  const real = (await answer(request, "sources", {})).data.filter((source) => source.catalogue === "mal");
  if (real.length > 0) {
    await page.getByRole("combobox", { name: "Catalogue" }).selectOption("mal");
    await expect(page).toHaveURL(/catalogue=mal/);
    await page.goBack();
    await expect(page).toHaveURL(/catalogue=sample/);
    await page.goForward();
    await expect(page).toHaveURL(/catalogue=mal/);
  } else {
    await page.goto("/?catalogue=mal");
  }
  await settled(page);
  await expect(page.getByText("Sample data.")).toHaveCount(0);
  const { data } = await answer(request, "analytics/genre-distribution", { catalogue: "mal" });
  const first = data.genres[0];
  await expect(first ? chart(page, "genres") : page.getByRole("main")).toContainText(
    first ? first.name : "This catalogue has no capture yet.",
  );
});

test("an earlier day shows that day's numbers, and how to come back", async ({ page, request }) => {
  const now = await answer(request, "analytics/top-anime");
  const day = now.data.previous?.captured_at.slice(0, 10) ?? "";
  const then = await answer(request, "analytics/top-anime", { catalogue: "sample", as_of: day });
  await open(page, `/?catalogue=sample&names=romaji&as_of=${day}`);
  await expect(page.getByText(/Shown as of/)).toBeVisible();
  const rows = chart(page, "top").getByRole("rowheader");
  for (const [index, title] of then.data.titles.entries())
    await expect(rows.nth(index)).toContainText(title.title);
  await page.getByRole("button", { name: "Show the newest" }).click();
  await expect(page).not.toHaveURL(/as_of/);
  await page.goBack();
  await expect(page).toHaveURL(/as_of/);
});

test("a day before the first capture gives a reason and a next step", async ({ page }) => {
  await open(page, "/?catalogue=sample&as_of=2001-01-01");
  const main = page.getByRole("main");
  await expect(main.getByText(/Nothing was observed before/)).toHaveCount(1);
  await main.getByRole("button", { name: /^Show / }).click();
  await settled(page);
  await expect(chart(page, "top").getByRole("heading", { level: 2 })).not.toContainText("Nothing");
});

test("a table is sorted from the keyboard, and the address keeps the order", async ({ page }) => {
  await open(page, "/?catalogue=sample&table=genres");
  const table = chart(page, "genres").getByRole("region", { name: /^Table/ });
  const first = table.getByRole("row").nth(1);
  const head = table.getByRole("columnheader", { name: "Mean score" });
  await expect(table.getByRole("columnheader", { name: "Titles" })).toHaveAttribute(
    "aria-sort",
    "descending",
  );
  await head.getByRole("button").focus();
  await page.keyboard.press("Enter");
  await expect(head).toHaveAttribute("aria-sort", "descending");
  await expect(page).toHaveURL(/\?catalogue=sample&table=genres&sort=genres_-mean_score$/);
  const best = await first.textContent();
  await page.keyboard.press("Enter");
  await expect(head).toHaveAttribute("aria-sort", "ascending");
  await expect(first).not.toHaveText(best ?? "");
  await open(page, "/?catalogue=sample&table=genres&sort=genres_-mean_score");
  await expect(first).toHaveText(best ?? "");
  await table.getByRole("columnheader", { name: "Titles" }).getByRole("button").click();
  await expect(page).toHaveURL(/\?catalogue=sample&table=genres$/);
});

test("everything can be done from the keyboard", async ({ page }) => {
  await open(page, "/?catalogue=sample");
  await page.keyboard.press("Tab");
  await expect(page.getByRole("link", { name: "Skip to the content" })).toBeFocused();
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  await expect(page.getByRole("heading", { level: 1 }).getByRole("link")).toBeFocused();
  await page.getByRole("slider", { name: "Days" }).focus();
  await page.keyboard.press("?");
  await expect(page.getByRole("dialog", { name: "Keyboard shortcuts" })).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await chart(page, "seasons").getByRole("slider").focus();
  await page.keyboard.press("t");
  await expect(chart(page, "seasons").getByRole("region", { name: /^Table/ })).toBeVisible();
  await expect(chart(page, "top").getByRole("region", { name: /^Table/ })).toHaveCount(0);
  await page.keyboard.press("t");
  await expect(chart(page, "seasons").getByRole("region", { name: /^Table/ })).toHaveCount(0);
});

test("the keys can be switched off, and stay so", async ({ page }) => {
  await open(page, "/?catalogue=sample");
  await page.keyboard.press("t");
  await expect(page.getByRole("region", { name: /^Table/ })).toHaveCount(0);
  await page.getByRole("button", { name: "Keyboard shortcuts" }).click();
  await page.getByRole("checkbox", { name: /t, j, k, d and \?/ }).uncheck();
  await page.keyboard.press("Escape");
  await page.reload();
  await settled(page);
  await chart(page, "seasons").getByRole("slider").focus();
  await page.keyboard.press("t");
  await page.keyboard.press("?");
  await expect(page.getByRole("region", { name: /^Table/ })).toHaveCount(0);
  await expect(page.getByRole("dialog")).toHaveCount(0);
});

test("the pointer reads a drawing where it stands", async ({ page }) => {
  await open(page, "/?catalogue=sample");
  const row = chart(page, "genres").getByRole("slider");
  const before = await row.getAttribute("aria-valuetext");
  const drawing = chart(page, "genres").locator("svg[role=img]");
  await drawing.scrollIntoViewIfNeeded();
  await drawing.hover({ position: { x: 200, y: 24 + 30 * 2.5 } });
  await expect(row).toHaveAttribute("aria-valuenow", "3");
  expect(await row.getAttribute("aria-valuetext")).not.toBe(before);
});

test("an open table of the lead moves nothing when it comes", async ({ page }) => {
  await page.setViewportSize({ width: 1280, height: 900 });
  await page.addInitScript(() => {
    const shifts = Object.assign(window, { moved: 0 });
    new PerformanceObserver((list) => {
      for (const shift of list.getEntries()) shifts.moved += (shift as unknown as { value: number }).value;
    }).observe({ type: "layout-shift", buffered: true });
  });
  // The rows come later than the line does.
  await page.route("**/LeadRows-*.js", async (route) => {
    await chart(page, "lead").getByRole("img").waitFor();
    await route.continue();
  });
  await open(page, "/?catalogue=sample&table=lead");
  await expect(chart(page, "lead").getByRole("table")).toBeVisible();
  expect(await page.evaluate(() => (window as unknown as { moved: number }).moved)).toBeLessThan(0.05);
});

test("the theme is remembered, and follows the system until it is chosen", async ({ page }) => {
  const paper = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  await page.emulateMedia({ colorScheme: "dark" });
  await open(page, "/?catalogue=sample");
  const dark = await paper();
  await page.emulateMedia({ colorScheme: "light" });
  const light = await paper();
  expect(light).not.toBe(dark);
  await page.getByRole("button", { name: /^Theme:/ }).click();
  await page.getByRole("button", { name: /^Theme:/ }).click();
  expect(await paper()).toBe(dark);
  await page.reload();
  expect(await paper()).toBe(dark);
});

test("a drawing is saved with its finding and its source", async ({ page, context }) => {
  await open(page, "/?catalogue=sample");
  for (const id of ["lead", "top", "genres", "seasons"] as const) {
    const heading = page.getByRole("heading", { level: 1 });
    const finding = await (id === "lead"
      ? heading
      : chart(page, id).getByRole("heading", { level: 2 })
    ).textContent();
    const download = page.waitForEvent("download");
    await chart(page, id).getByRole("button", { name: "SVG" }).click();
    const file = await download;
    expect(file.suggestedFilename()).toMatch(/^kansoku-.*\.svg$/);
    const text = await readFile(await file.path(), "utf8");
    expect(text).toContain((finding ?? "").split(" ")[0]);
    expect(text).toContain("Source:");
    expect(text).toContain("Sample data, all invented.");
    expect(text).not.toMatch(/var\(--|NaN|class=/);
    expect(text).toContain("@font-face");
    expect(await seenIn(context, text)).toBeGreaterThan(id === "lead" ? 12 : 20);
    const points = page.waitForEvent("download");
    await chart(page, id).getByRole("button", { name: "PNG" }).click();
    const bytes = await readFile(await (await points).path());
    expect(bytes.subarray(1, 4).toString()).toBe("PNG");
  }
});

test("a failure says what failed, with the id of the request", async ({ page }) => {
  const problem = {
    type: "about:blank",
    title: "Unavailable",
    status: 503,
    detail: "The database is away.",
    request_id: "7c1e40ab",
  };
  await page.route("**/analytics/seasonal-trend*", (route) =>
    route.fulfill({ status: 503, contentType: "application/problem+json", body: JSON.stringify(problem) }),
  );
  await page.goto("/?catalogue=sample");
  const alert = chart(page, "seasons").getByRole("alert");
  await expect(alert).toContainText("The seasons could not be read. The database is away.", {
    timeout: 15_000,
  });
  await expect(alert).toContainText("7c1e40ab");
  await page.unroute("**/analytics/seasonal-trend*");
  await alert.getByRole("button", { name: "Try again" }).click();
  await expect(chart(page, "seasons").getByRole("slider")).toBeVisible();
});

test("a choice that cannot be read leaves what stands there", async ({ page }) => {
  await open(page, "/?catalogue=sample");
  const heading = chart(page, "genres").getByRole("heading", { level: 2 });
  const before = await heading.textContent();
  await page.route("**/analytics/**", (route) => route.abort());
  await chart(page, "genres").getByRole("button", { name: "Themes" }).click();
  await chart(page, "top").getByRole("button", { name: "In a day" }).click();
  await expect(chart(page, "genres").getByText("Reading themes; genres are shown.")).toBeVisible();
  await expect(chart(page, "genres").getByText("Themes could not be read; genres are shown.")).toBeVisible({
    timeout: 15_000,
  });
  await expect(chart(page, "top").getByText(/^The moves in a day could not be read/)).toBeVisible();
  await expect(page.getByRole("alert")).toHaveCount(0);
  await expect(heading).toHaveText(before ?? "");
  await expect(chart(page, "top").getByRole("rowheader")).toHaveCount(10);
  await page.unroute("**/analytics/**");
  await chart(page, "genres").getByRole("button", { name: "Studios" }).click();
  await expect(heading).toContainText("made the most titles");
});

test("offline, the page says how old its numbers are and which choice does not come", async ({
  page,
  context,
}) => {
  await page.clock.install();
  await open(page, "/?catalogue=sample");
  await context.setOffline(true);
  await page.clock.runFor("02:00");
  await expect(page.getByText("Newer numbers could not be read; still trying.")).toBeVisible();
  await chart(page, "genres").getByRole("button", { name: "Themes" }).click();
  await page.clock.runFor("00:30");
  await expect(chart(page, "genres").getByText("Themes could not be read; genres are shown.")).toBeVisible();
  await context.setOffline(false);
  await page.clock.runFor("02:00");
  await expect(page.getByText("Newer numbers could not be read; still trying.")).toHaveCount(0);
});

test("nothing is loaded from elsewhere, and nothing is refused", async ({ page, baseURL }) => {
  const outside: string[] = [];
  const complaints: string[] = [];
  page.on("request", (request) => {
    if (!request.url().startsWith(baseURL ?? "") && !request.url().startsWith("blob:"))
      outside.push(request.url());
  });
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(error.message));
  await open(page, "/?catalogue=sample&names=japanese");
  expect(outside).toEqual([]);
  expect(complaints).toEqual([]);
});

test("an unknown path and a wrong parameter do no harm", async ({ page }) => {
  const nowhere = await page.goto("/nowhere");
  expect(nowhere?.status()).toBe(404);
  await expect(page).toHaveTitle("Nothing stands at this address – Kansoku");
  const foot = await page.getByRole("contentinfo").boundingBox();
  expect(Math.round((foot?.y ?? 0) + (foot?.height ?? 0))).toBe(page.viewportSize()?.height);
  await page.getByRole("link", { name: "Go to the overview" }).click();
  await settled(page);
  await open(page, "/?catalogue=sample&kind=mood&table=everything&as_of=tomorrow&x=1");
  await expect(chart(page, "genres").getByRole("slider", { name: "Genres" })).toBeVisible();
  await open(page, "/?catalogue=sample&source=nowhere");
  await expect(page).toHaveURL(/\?catalogue=sample$/);
  await expect(page.getByRole("status").filter({ hasText: "no source “nowhere”" })).toBeVisible();
  await expect(chart(page, "genres").getByRole("slider", { name: "Genres" })).toBeVisible();
});

test("an address leads to its part of a page, and going back to where one was", async ({ page, request }) => {
  const { data } = await answer(request, "analytics/top-anime");
  await open(page, `/title/${data.titles[0]?.mal_id}?catalogue=sample#weeks`);
  await expect(page.locator("figure#weeks").getByRole("heading")).toBeInViewport();
  expect(await page.evaluate(() => window.scrollY)).toBeGreaterThan(0);
  await open(page, "/?catalogue=sample");
  const link = chart(page, "top").getByRole("rowheader").nth(5).getByRole("link");
  await link.scrollIntoViewIfNeeded();
  const before = await page.evaluate(() => window.scrollY);
  expect(before).toBeGreaterThan(0);
  await link.click();
  await expect(page).toHaveURL(/\/title\//);
  await expect.poll(() => page.evaluate(() => window.scrollY)).toBe(0);
  await settled(page);
  await page.goBack();
  await expect.poll(() => page.evaluate(() => window.scrollY)).toBe(before);
});

test("paper has the findings, the drawings and the open tables, and nothing to press", async ({ page }) => {
  await page.setViewportSize({ width: 1280, height: 900 });
  await page.emulateMedia({ colorScheme: "dark" });
  await open(page, "/?catalogue=sample&table=seasons");
  await page.evaluate(() => window.dispatchEvent(new Event("beforeprint")));
  await page.emulateMedia({ colorScheme: "dark", media: "print" });
  // The names of a table's columns are all that is left of them.
  await expect(page.locator(":not(th) > button:visible")).toHaveCount(0);
  await expect(page.getByRole("combobox")).toHaveCount(0);
  await expect(page.getByRole("heading", { level: 2 })).toHaveCount(3);
  await expect(chart(page, "seasons").getByRole("table")).toBeVisible();
  expect(await page.evaluate(() => getComputedStyle(document.body).backgroundColor)).toBe(
    "rgb(255, 255, 255)",
  );
  for (const id of ["lead", "genres", "seasons"] as const) {
    const box = await chart(page, id).getByRole("img").boundingBox();
    expect(box?.width).toBeLessThanOrEqual(680);
  }
});

test("chosen options and the dot of the captures keep their state in forced colours", async ({ page }) => {
  await page.emulateMedia({ forcedColors: "active" });
  await open(page, "/?catalogue=sample");
  const paint = (name: string) =>
    chart(page, "genres")
      .getByRole("button", { name, exact: true })
      .evaluate((button) => getComputedStyle(button).backgroundColor);
  expect(await paint("Genres")).not.toBe(await paint("Themes"));
  const dot = page.getByRole("banner").locator("[data-state]");
  expect(await dot.evaluate((mark) => getComputedStyle(mark).backgroundColor)).not.toBe(
    await page.evaluate(() => getComputedStyle(document.body).backgroundColor),
  );
});

/** How many words of an SVG file a viewer shows. */
async function seenIn(context: BrowserContext, svg: string): Promise<number> {
  const viewer = await context.newPage();
  await viewer.setContent(svg);
  const words = viewer.locator("text").filter({ visible: true });
  const count = await words.count();
  await viewer.close();
  return count;
}
