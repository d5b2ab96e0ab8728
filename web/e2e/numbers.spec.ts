// Every number on the page is the API's.
import { expect, test } from "@playwright/test";
import type { HistoryDay, RankingRun, TopTitle } from "../src/api/types.gen.ts";
import { answer, chart, integer, open, score } from "./helper.ts";

/** What the page requests where its address does not say. */
const RANKING = { catalogue: "sample", limit: "10", days: "60", since: "week" };
const SEASONS = { winter: "Winter", spring: "Spring", summer: "Summer", fall: "Autumn" } as const;

/** The move as written; a title without one is new where it had no score on a day before. */
function moveText({ move, spark, origin }: TopTitle, previous: RankingRun | null): string {
  if (move === 0) return "=unchanged";
  if (move !== null) return `${move > 0 ? "+" : "−"}${Math.abs(move)}`;
  const until = previous?.captured_at.slice(0, 10) ?? "";
  const isOld = ({ day, score }: HistoryDay) =>
    score !== null && day <= until && day < origin.captured_at.slice(0, 10);
  return spark.some(isOld) ? "–" : "new";
}

test("the ranking shows the API's places, moves, scores and votes", async ({ page, request }) => {
  const { data } = await answer(request, "analytics/top-anime", RANKING);
  await open(page, "/?catalogue=sample&names=romaji");
  const rows = chart(page, "top").getByRole("row");
  await expect(rows).toHaveCount(data.titles.length + 1);
  for (const [index, title] of data.titles.entries()) {
    const row = rows.nth(index + 1);
    await expect(row.getByRole("rowheader")).toContainText(title.title);
    const cells = row.getByRole("cell");
    await expect(cells.nth(0)).toHaveText(String(title.place));
    await expect(cells.nth(1)).toHaveText(moveText(title, data.previous));
    await expect(cells.nth(3).locator("b")).toHaveText(score(title.score));
    await expect(cells.nth(5)).toHaveText(integer(title.scored_by));
  }
});

test("a phone's ranking has the score's change too", async ({ page, request }) => {
  const { data } = await answer(request, "analytics/top-anime", { ...RANKING, since: "week" });
  await page.setViewportSize({ width: 360, height: 800 });
  await open(page, "/?catalogue=sample&since=week");
  await expect(chart(page, "top").getByRole("columnheader", { name: /^Score, and since \d/ })).toBeVisible();
  const rows = chart(page, "top").getByRole("row");
  for (const [index, { score_change }] of data.titles.entries()) {
    const change = rows.nth(index + 1).locator("td small");
    await expect(change).toBeVisible();
    const sign = (score_change ?? 0) > 0 ? "+" : "−";
    const text = score_change === 0 ? "=unchanged" : `${sign}${score(Math.abs(score_change ?? 0))}`;
    await expect(change).toHaveText(score_change === null ? "–" : text);
  }
});

test("the ranking's reading row tells each title's numbers, and its last part their origin", async ({
  page,
  request,
}) => {
  const { data } = await answer(request, "analytics/top-anime", RANKING);
  await open(page, "/?catalogue=sample&names=romaji");
  await chart(page, "top").getByText("Origin of each row").click();
  const row = chart(page, "top").getByRole("slider");
  await row.focus();
  const table = chart(page, "top").getByRole("group").getByRole("table");
  for (const [index, title] of data.titles.entries()) {
    await expect(row).toHaveAttribute(
      "aria-valuetext",
      new RegExp(
        `score ${score(title.score)}.*, ${integer(title.scored_by)} votes, ${integer(title.members)} members$`,
      ),
    );
    await expect(
      table
        .getByRole("row")
        .nth(index + 1)
        .getByRole("cell")
        .last(),
    ).toHaveText(String(title.origin.seq));
    await page.keyboard.press("ArrowDown");
  }
});

test("the lead names the first title and ends with its score", async ({ page, request }) => {
  const { data } = await answer(request, "analytics/top-anime", { catalogue: "sample", days: "60" });
  const leader = data.titles[0];
  await open(page, "/?catalogue=sample&names=romaji");
  await expect(page.getByRole("heading", { level: 1 })).toContainText(leader?.title ?? "a title");
  const row = page.getByRole("slider", { name: "Days" });
  await row.focus();
  await page.keyboard.press("End");
  for (const day of leader?.spark.slice(-20).reverse() ?? []) {
    await expect(row).toHaveAttribute("aria-valuetext", new RegExp(`: ${scoreOrWhy(day)}(; .*)?$`));
    await page.keyboard.press("ArrowLeft");
  }
});

for (const kind of ["genre", "theme", "studio"]) {
  test(`the bars of each ${kind} say the API's numbers`, async ({ page, request }) => {
    const { data } = await answer(request, "analytics/genre-distribution", { catalogue: "sample", kind });
    await open(page, `/?catalogue=sample&measure=titles&kind=${kind}`);
    const row = chart(page, "genres").getByRole("slider");
    const drawn = await chart(page, "genres").locator("svg text").allTextContents();
    await row.focus();
    await page.keyboard.press("Home");
    for (const genre of data.genres.slice(0, 20)) {
      await expect(row).toHaveAttribute(
        "aria-valuetext",
        new RegExp(
          `^${literal(genre.name)}: ${integer(genre.titles)} of ${integer(data.titles)} titles, .*mean score ${score(genre.mean_score)} of ${integer(genre.scored)} scores, ${integer(genre.members)} members(; score not compared)?$`,
        ),
      );
      expect(drawn).toContain(integer(genre.titles));
      // A score that is not compared stands in brackets.
      expect(drawn.map((text) => text.replace(/^\(|\)$/g, ""))).toContain(score(genre.mean_score));
      await page.keyboard.press("ArrowDown");
    }
  });
}

test("the seasons say the API's numbers, and a gap where there are none", async ({ page, request }) => {
  const { data, meta } = await answer(request, "analytics/seasonal-trend");
  await open(page, "/?catalogue=sample&seasons=all&table=seasons");
  const row = chart(page, "seasons").getByRole("slider");
  const table = chart(page, "seasons").getByRole("region", { name: /^Table/ });
  await row.focus();
  await page.keyboard.press("Home");
  const begun = data.filter(({ year, season }) => first(year, season) <= (meta.captured_at ?? ""));
  await expect(row).toHaveAttribute("aria-valuemax", String(begun.length));
  for (const point of begun) {
    const name = `${SEASONS[point.season]} ${point.year}`;
    const told = await row.getAttribute("aria-valuetext");
    const line = table.getByRole("row").filter({ hasText: name });
    if (point.titles === 0) {
      expect(told).toBe(`${name}: not observed`);
      await expect(line).toContainText("not observed");
    } else {
      expect(told).toContain(`${name}: ${integer(point.titles)} title`);
      expect(told).toContain(
        `mean score ${score(point.mean_score)}, median score ${score(point.median_score)}`,
      );
      expect(told).toContain(
        `${integer(point.members)} members, median members ${integer(point.median_members)}`,
      );
      await expect(line.getByRole("cell").nth(2)).toHaveText(
        point.mean_score === null ? "no score" : score(point.mean_score),
      );
      await expect(line.getByRole("cell").nth(4)).toHaveText(integer(point.members));
    }
    await page.keyboard.press("ArrowRight");
  }
});

test("every chart's CSV holds the same rows", async ({ page, request }) => {
  await open(page, "/?catalogue=sample");
  const rows = {
    top: (await answer(request, "analytics/top-anime")).data.titles.map((title) => title.title),
    genres: (await answer(request, "analytics/genre-distribution")).data.genres.map((genre) => genre.name),
    seasons: (await answer(request, "analytics/seasonal-trend")).data.map(
      (point) => `${point.year},${point.season}`,
    ),
  };
  for (const [id, expected] of Object.entries(rows)) {
    const href = await page.locator(`figure#${id}`).getByRole("link", { name: "CSV" }).getAttribute("href");
    const response = await request.get(href ?? "");
    expect(response.headers()["content-type"]).toContain("text/csv");
    const lines = (await response.text()).trim().split(/\r?\n/);
    expect(lines).toHaveLength(expected.length + 1);
    for (const [index, text] of expected.entries())
      expect(lines[index + 1]?.replaceAll('""', '"')).toContain(text);
  }
});

function scoreOrWhy({ observed, score: value }: HistoryDay): string {
  if (!observed) return "not observed";
  return value === null ? "no score" : score(value);
}

/** The first day of a season. */
function first(year: number, season: keyof typeof SEASONS): string {
  return `${year}-${{ winter: "01", spring: "04", summer: "07", fall: "10" }[season]}-01`;
}

function literal(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
