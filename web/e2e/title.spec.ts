// One title's page, from the overview to the origin of a point.
import { readFile } from "node:fs/promises";
import AxeBuilder from "@axe-core/playwright";
import { type APIRequestContext, expect, type Page, test } from "@playwright/test";
import type { TitleDaysResponse, TitleResponse, TitleWeeksResponse } from "../src/api/types.gen.ts";
import { answer, integer, open, score, settled } from "./helper.ts";

const SAMPLE = { catalogue: "sample" };

/** The leading title of the sample. */
async function leader(request: APIRequestContext): Promise<number> {
  const { data } = await answer(request, "analytics/top-anime");
  return data.titles[0]?.mal_id ?? 0;
}

async function days(
  request: APIRequestContext,
  id: number,
  range = "90",
): Promise<TitleDaysResponse["data"]["days"]> {
  const query = new URLSearchParams({ ...SAMPLE, days: range });
  const response = await request.get(`/api/v1/analytics/titles/${id}/days?${query}`);
  expect(response.ok()).toBe(true);
  return ((await response.json()) as TitleDaysResponse).data.days;
}

const address = (id: number, more = "") => `/title/${id}?catalogue=sample${more}`;
const line = (page: Page) => page.locator("figure#line");

/** The window with what has moved in it. */
interface Counted {
  shift: number;
}

/** How far the page scrolls sideways. */
const hidden = (page: Page) =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

test("a title of the overview leads to its page", async ({ page, request }) => {
  const id = await leader(request);
  await open(page, "/?catalogue=sample&names=romaji");
  await page.locator("figure#top").getByRole("rowheader").first().getByRole("link").click();
  await expect(page).toHaveURL(new RegExp(`/title/${id}\\?catalogue=sample&names=romaji$`));
  await settled(page);
  const { data } = await answer(request, "analytics/top-anime");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(data.titles[0]?.title ?? "");
  await page.goBack();
  await expect(page.locator("figure#top")).toBeVisible();
});

test("the table is the API's answer", async ({ page, request }) => {
  const id = await leader(request);
  const expected = await days(request, id);
  await open(page, address(id, "&table=line"));
  const rows = line(page)
    .getByRole("region", { name: /^Table/ })
    .getByRole("row");
  await expect(rows).toHaveCount(expected.length + 1);
  const texts = await rows.evaluateAll((all) =>
    all.slice(1).map((row) => [...row.children].slice(1).map((cell) => cell.textContent)),
  );
  const place = (value: number | null) => (value === null ? "–" : `#${integer(value)}`);
  const written = expected
    .toReversed()
    .map((day) =>
      day.observed
        ? [
            score(day.score),
            place(day.rank),
            place(day.popularity),
            integer(day.favorites),
            integer(day.members),
          ]
        : ["not observed"],
    );
  expect(texts.map((cells) => cells.slice(0, 5))).toEqual(written);
});

test("the numbers and the weeks are the API's", async ({ page, request }) => {
  const id = await leader(request);
  const read = async (path: string) => (await request.get(`/api/v1/${path}?catalogue=sample`)).json();
  const { data: title } = (await read(`titles/${id}`)) as TitleResponse;
  const { data: weeks } = (await read(`analytics/titles/${id}/weeks`)) as TitleWeeksResponse;
  await open(page, address(id, "&table=weeks"));
  const { latest, week_before: before } = title;
  const meters = page.getByRole("main").locator("dl").first();
  const text = (await meters.textContent()) ?? "";
  for (const shown of [score(latest?.score ?? null), integer(latest?.members ?? null), `#${latest?.rank}`])
    expect(text).toContain(shown);
  const gained = (latest?.members ?? 0) - (before?.members ?? 0);
  expect(text).toContain(`${gained < 0 ? "−" : "+"}${integer(Math.abs(gained))}`);
  const climbed = (before?.popularity ?? 0) - (latest?.popularity ?? 0);
  if (climbed !== 0) expect(text).toContain(`${climbed < 0 ? "−" : "+"}${integer(Math.abs(climbed))}`);
  const rows = page
    .locator("figure#weeks")
    .getByRole("region", { name: /^Table/ })
    .getByRole("row");
  await expect(rows).toHaveCount(weeks.weeks.length + 1);
  const texts = await rows.evaluateAll((all) =>
    all.slice(1).map((row) => [...row.children].slice(1).map((cell) => cell.textContent)),
  );
  const written = weeks.weeks
    .toReversed()
    .map((week) =>
      week.observed
        ? [
            ...[week.score_place, week.members_place].map(integer),
            score(week.score),
            integer(week.members_gained),
          ]
        : ["not observed"],
    );
  expect(texts).toEqual(written);
});

test("the episodes and the titles that moved alike are saved as drawings", async ({ page, request }) => {
  const id = await leader(request);
  await open(page, address(id));
  const name = await page.getByRole("heading", { level: 1 }).textContent();
  for (const chart of ["episodes", "similar"]) {
    const figure = page.locator(`figure#${chart}`);
    const download = page.waitForEvent("download");
    await figure.getByRole("button", { name: "SVG" }).click();
    const text = await readFile(await (await download).path(), "utf8");
    expect(text).toContain(`<title>${name}: `);
    const rows = await figure.locator("tbody th, ol li a").allTextContents();
    const written = await page.evaluate((svg) => {
      const file = new DOMParser().parseFromString(svg, "image/svg+xml");
      return [...file.querySelectorAll("text")].map((one) => one.textContent);
    }, text);
    for (const row of rows) expect(written.join("\n")).toContain(row.slice(0, 30).trim());
    expect(rows.length).toBeGreaterThan(1);
  }
});

test("keys move the crosshair, and Enter opens the origin of the point", async ({ page, request }) => {
  const id = await leader(request);
  const all = await days(request, id);
  const last = all.findLastIndex((day) => day.observed && day.seq !== null);
  await open(page, address(id));
  const row = page.getByRole("slider", { name: "Days" });
  await row.focus();
  await page.keyboard.press("Home");
  await expect(row).toHaveAttribute("aria-valuenow", "1");
  await page.keyboard.press("End");
  for (let step = all.length - 1; step > last; step--) await page.keyboard.press("ArrowLeft");
  await expect(row).toHaveAttribute("aria-valuenow", String(last + 1));
  await page.keyboard.press("Enter");
  const day = all[last];
  await expect(page).toHaveURL(new RegExp(`at=${day?.day}`));
  const origin = page.getByRole("region", { name: /^Where the numbers of/ });
  await expect(origin.getByText(`bin/nats stream get RAW ${day?.seq}`)).toBeVisible();
  await origin.getByRole("link", { name: "Its whole journey" }).click();
  await expect(page).toHaveURL(new RegExp(`/journey/${day?.epoch}/${day?.seq}\\?`));
  await settled(page);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(`The journey of RAW message ${day?.seq}`);
  await expect(page.getByText("visible from then on")).toBeVisible();
  await page.getByRole("link", { name: `title ${id}` }).click();
  await expect(page.locator("figure#line")).toBeVisible();
});

test("the address keeps range, measure and point", async ({ page, request }) => {
  const id = await leader(request);
  await open(page, address(id));
  await line(page).getByRole("button", { name: "30", exact: true }).click();
  await line(page).getByRole("button", { name: "Rank", exact: true }).click();
  await expect(page).toHaveURL(/range=30&measure=rank$/);
  const heading = line(page).getByRole("heading", { level: 2 });
  await expect(heading).toContainText("Rank");
  const before = await heading.textContent();
  await page.reload();
  await settled(page);
  await expect(heading).toHaveText(before ?? "");
});

test("a day ahead, an unknown title and an unknown position have words", async ({ page, request }) => {
  const id = await leader(request);
  await open(page, address(id, "&at=2099-01-01"));
  await expect(page.getByText(/That day has not come/)).toBeVisible();
  await open(page, address(999_999_999));
  await expect(page.getByRole("heading", { level: 1, name: "No title 999999999 is known" })).toBeVisible();
  await open(page, "/journey/1/1?catalogue=sample");
  await expect(
    page.getByRole("heading", { level: 1, name: "No stored page has this position" }),
  ).toBeVisible();
});

for (const width of [360, 768, 1280]) {
  for (const theme of ["light", "dark"] as const) {
    test(`nothing is cut off, and axe finds nothing, at ${width} px, ${theme}`, async ({ page, request }) => {
      const id = await leader(request);
      const day = (await days(request, id)).findLast((one) => one.observed && one.seq !== null)?.day;
      await page.setViewportSize({ width, height: 900 });
      await page.emulateMedia({ colorScheme: theme, reducedMotion: "reduce" });
      await open(page, address(id, `&at=${day}&table=line.weeks`));
      const { violations } = await new AxeBuilder({ page })
        .setLegacyMode(true)
        .options({ resultTypes: ["violations"] })
        .analyze();
      expect(
        violations.map(({ id: rule, nodes }) => `${rule}: ${nodes.map((node) => node.html).join(" ")}`),
      ).toEqual([]);
      expect(await hidden(page), "the page scrolls sideways").toBe(0);
    });
  }
}

for (const [kind, name] of [
  ["markup", "<img src=x onerror=alert(1)>".repeat(8)],
  ["right to left", "שלום عالم\u202e abc 123 ".repeat(10)],
  ["500 characters without a space", "M".repeat(500)],
  ["emoji", "👩‍👩‍👧‍👦".repeat(60)],
] as const) {
  test(`a title of ${kind} breaks nothing`, async ({ page, request }) => {
    const id = await leader(request);
    await page.route(`**/api/v1/titles/${id}?*`, async (route) => {
      const response = await route.fetch();
      const body = await response.json();
      const tags = [{ id: 1, name }];
      Object.assign(body.data, { title: name, title_english: name, title_japanese: `観${name}` });
      Object.assign(body.data, { synonyms: [name], broadcast: name, studios: tags, genres: tags });
      await route.fulfill({ json: body });
    });
    for (const width of [360, 1280]) {
      await page.setViewportSize({ width, height: 900 });
      await open(page, address(id));
      await expect(page.getByRole("heading", { level: 1 })).toHaveText(name.trim());
      expect(await hidden(page), "the page scrolls sideways").toBe(0);
    }
  });
}

test("the page stands still while it loads", async ({ page, request }) => {
  const id = await leader(request);
  await page.setViewportSize({ width: 1280, height: 900 });
  await page.addInitScript(() => {
    const counted = window as unknown as Counted;
    counted.shift = 0;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) counted.shift += (entry as unknown as { value: number }).value;
    }).observe({ type: "layout-shift", buffered: true });
  });
  await page.route("**/api/v1/**", async (route) => {
    const response = await route.fetch();
    await new Promise((resolve) => setTimeout(resolve, 300));
    await route.fulfill({ response });
  });
  await open(page, address(id));
  expect(await page.evaluate(() => (window as unknown as Counted).shift)).toBeLessThan(0.05);
});

test("the crosshair moves over 2,500 days by a handful of changes", async ({ page, request }) => {
  const id = await leader(request);
  await page.route(`**/api/v1/analytics/titles/${id}/days?*`, async (route) => {
    const response = await route.fetch();
    const body = (await response.json()) as TitleDaysResponse;
    const known = body.data.days.findLast((day) => day.observed);
    const end = Date.parse(known?.day ?? "2026-01-01");
    const many = Array.from({ length: 2500 }, (_, index) => ({
      ...known,
      day: new Date(end - (2499 - index) * 86_400_000).toISOString().slice(0, 10),
      score: 8 + Math.sin(index / 50) * 0.4,
      members: 1000 * index,
    }));
    await route.fulfill({ json: { ...body, data: { ...body.data, days: many } } });
  });
  await open(page, address(id, "&range=all"));
  const most = await line(page).evaluate(async (figure) => {
    const drawing = figure.querySelector("svg[role=img]");
    if (!drawing) return Number.POSITIVE_INFINITY;
    const { left, top } = drawing.getBoundingClientRect();
    let changes = 0;
    const observer = new MutationObserver((records) => {
      changes += records.length;
    });
    observer.observe(figure, { subtree: true, childList: true, attributes: true, characterData: true });
    const counts: number[] = [];
    for (let step = 0; step < 120; step++) {
      const at = { bubbles: true, clientX: left + 60 + step * 4, clientY: top + 60 };
      changes = 0;
      drawing.dispatchEvent(new PointerEvent("pointermove", at));
      await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
      counts.push(changes);
    }
    observer.disconnect();
    return Math.max(...counts);
  });
  // However many days there are; how long that takes is the machine's matter.
  expect(most).toBeGreaterThan(0);
  expect(most).toBeLessThan(60);
});
