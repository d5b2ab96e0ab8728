import { cleanup, screen, waitFor, within } from "@testing-library/preact";
import { HttpResponse, http } from "msw";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Since } from "../api/queries.ts";
import { DAY_MS } from "../lib/dates.ts";
import { genreDistribution, meta, seasonalTrend, topAnime } from "../testing/fixtures.ts";
import { figure, genres, open, ranking, seasons } from "../testing/page.tsx";
import { API, NOW, server } from "../testing/server.ts";

beforeEach(() => {
  vi.useFakeTimers({ now: NOW, toFake: ["Date"] });
});

describe("the lead", () => {
  it("is a finding in words beside its line", async () => {
    open();
    const name = "Beyond the Ink rose above 9.00 between 14 and 17 November";
    expect(await screen.findByRole("heading", { level: 1, name })).toBeTruthy();
    expect(
      screen.getByRole("img", { name: /Score of Beyond the Ink from 8\.\d\d on .* 2 days not observed/ }),
    ).toBeTruthy();
  });

  it("reads the line day by day", async () => {
    const { user } = open();
    const row = await screen.findByRole("slider", { name: "Days" });
    expect(row.getAttribute("aria-valuetext")).toBe("23 Nov: 9.03; The Bureau of Daybreak Traffic 8.94");
    expect(row.textContent).toBe("23 Novscore 9.03The Bureau of… 8.94");
    row.focus();
    await user.keyboard("{ArrowLeft>7/}");
    expect(row.getAttribute("aria-valuetext")).toBe("16 Nov: not observed");
    expect(row.textContent).toContain("not observed");
  });
});

describe("the lead's chart", () => {
  it("keeps the room of its table while it waits", async () => {
    server.use(http.get(`${API}/analytics/top-anime`, () => new Promise<Response>(() => {})));
    open("/?table=lead");
    await genres();
    expect(screen.getByRole("main").querySelectorAll("[aria-busy] > [data-table]")).toHaveLength(1);
    cleanup();
    open();
    await genres();
    expect(screen.getByRole("main").querySelector("[data-table]")).toBeNull();
  });

  it("has a table, a file and pictures like every other", async () => {
    open("/?table=lead");
    const lead = await screen.findByRole("figure", { name: "The line of the leading title" });
    const table = await within(lead).findByRole("region", { name: /^Table/ });
    const rows = await within(table).findAllByRole("row");
    const heads = within(table).getAllByRole("columnheader");
    expect(heads.map((head) => head.firstElementChild?.textContent)).toEqual([
      "60 days",
      "Beyond the Ink",
      "The Bureau of Daybreak Traffic",
    ]);
    expect(rows[1]?.textContent).toBe("23 Nov9.038.94");
    expect(rows[8]?.textContent).toBe("16 Novnot observednot observed");
    const file = within(lead).getByRole("link", { name: "CSV" }).getAttribute("href") ?? "";
    expect(decodeURIComponent(file)).toContain("sample,2026-11-23,9000,Sumi no Kanata,9.03,true\n");
    expect(decodeURIComponent(file)).toContain("sample,2026-11-16,9000,Sumi no Kanata,,false\n");
    expect(within(lead).getByRole("button", { name: "PNG" })).toBeTruthy();
    expect(lead.textContent).toContain("Source: jikan-sim, captured");
  });

  it("goes on to the last day that is over, where the ranking is older", async () => {
    const older = topAnime(new Date(NOW.getTime() - 3 * DAY_MS));
    server.use(http.get(`${API}/analytics/top-anime`, () => HttpResponse.json(older)));
    const { user } = open();
    const row = await screen.findByRole("slider", { name: "Days" });
    expect(row.getAttribute("aria-valuetext")).toMatch(/^20 Nov: 9/);
    row.focus();
    await user.keyboard("{End}");
    expect(row.getAttribute("aria-valuetext")).toBe("22 Nov: not observed");
    expect(
      screen.getByText(/Four days of those shown were not observed; the line breaks there/),
    ).toBeTruthy();
  });
});

describe("the ranking", () => {
  it("shows place, title, move, score and votes", async () => {
    open();
    const table = within(await ranking()).getByRole("table", { name: "The ten highest scores" });
    const rows = within(table).getAllByRole("row");
    expect(rows).toHaveLength(11);
    expect(within(rows[0] as HTMLElement).getByRole("columnheader", { name: "Place" })).toBeTruthy();
    expect(rows[0]?.textContent).toMatch(/^#PlaceMoveTitle/);
    expect(rows[2]?.textContent).toContain("2+1The Bureau of Daybreak Traffic");
    expect(rows[2]?.textContent).toContain("8.94");
    expect(rows[2]?.textContent).toContain("118,725");
    expect(rows[9]?.textContent).toContain("new");
  });

  it("compares with the capture, day or week before, as the address says", async () => {
    const requested: (string | null)[] = [];
    server.events.on("request:start", ({ request }) => {
      const { pathname, searchParams } = new URL(request.url);
      if (pathname.endsWith("top-anime")) requested.push(searchParams.get("since"));
    });
    const { user, search } = open();
    const pressed = async (name: string) =>
      within(await ranking())
        .getByRole("button", { name })
        .getAttribute("aria-pressed");
    expect([await pressed("In a week"), search().get("since")]).toEqual(["true", null]);
    expect((await ranking()).textContent).toContain("with the move since 14 Nov 2026.");
    await user.click(within(await ranking()).getByRole("button", { name: "In a day" }));
    expect(search().get("since")).toBe("day");
    await waitFor(() => expect(requested).toContain("day"));
    // The leading title's own is that of the last capture.
    expect(requested.toSorted()).toEqual(["capture", "day", "week"]);
    await user.click(within(await ranking()).getByRole("button", { name: "Since the last capture" }));
    expect(search().get("since")).toBe("capture");
  });

  it("compares with the capture before, while none is a week old", async () => {
    server.use(
      http.get(`${API}/analytics/top-anime`, ({ request }) => {
        const since = new URL(request.url).searchParams.get("since") as Since;
        const { meta: about, data } = topAnime(NOW, { since });
        if (since === "capture") return HttpResponse.json({ meta: about, data });
        const titles = data.titles.map((title) => ({
          ...title,
          move: null,
          previous_place: null,
          score_change: null,
        }));
        return HttpResponse.json({ meta: about, data: { ...data, previous: null, titles } });
      }),
    );
    open();
    const list = await figure(/Village Bridge|highest scores/);
    await waitFor(() => expect(list.textContent).toContain("with the move since 22 Nov 2026."));
    const button = within(list).getByRole("button", { name: "Since the last capture" });
    expect(button.getAttribute("aria-pressed")).toBe("true");
  });

  it("calls a title new that the capture before on the same day did not have", async () => {
    const { meta: about, data } = topAnime(NOW);
    const previous = data.previous && { ...data.previous, captured_at: "2026-11-23T01:05:00Z" };
    server.use(
      http.get(`${API}/analytics/top-anime`, () =>
        HttpResponse.json({ meta: about, data: { ...data, previous } }),
      ),
    );
    open("/?since=capture");
    const table = within(await ranking()).getByRole("table", { name: "The ten highest scores" });
    expect(within(table).getAllByRole("row")[9]?.textContent).toContain("new");
  });

  it("is not compared with another capture in the headline", async () => {
    const requested: (string | null)[] = [];
    server.events.on("request:start", ({ request }) => {
      const { pathname, searchParams } = new URL(request.url);
      if (pathname.endsWith("top-anime")) requested.push(searchParams.get("since"));
    });
    open("/?since=week");
    await ranking();
    expect(requested.toSorted()).toEqual(["capture", "week"]);
  });

  it("counts days in UTC beside each other, whatever the reader's zone", async () => {
    vi.stubEnv("TZ", "America/New_York");
    const { data } = topAnime(NOW);
    open();
    const chart = await ranking();
    expect(chart.textContent).toContain("Place by score on 23 Nov 2026, with the move since 14 Nov 2026.");
    expect(chart.textContent).toContain("captured 23 Nov 2026, 04:12 UTC.");
    expect(screen.getByText("Monday, 23 November 2026")).toBeTruthy();
    const earlier = { ...data.previous, captured_at: "2026-11-23T01:05:00Z" };
    server.use(
      http.get(`${API}/analytics/top-anime`, () =>
        HttpResponse.json({ meta: meta(NOW), data: { ...data, previous: earlier } }),
      ),
    );
    cleanup();
    open();
    expect((await ranking()).textContent).toContain("with the move since 01:05 UTC that day.");
    expect(screen.getByRole("columnheader", { name: "Score since 01:05 UTC" })).toBeTruthy();
  });

  it("says why places are missing", async () => {
    const { data } = topAnime(NOW);
    const titles = data.titles.map((title, index) => ({ ...title, place: index + (index > 3 ? 3 : 2) }));
    server.use(
      http.get(`${API}/analytics/top-anime`, () =>
        HttpResponse.json({ meta: meta(NOW), data: { ...data, titles } }),
      ),
    );
    open();
    expect((await ranking()).textContent).toContain(
      "Places 1 and 6 are not shown: an adult title, or a row that did not pass the check.",
    );
  });

  it("mutes a score of few votes, and says so", async () => {
    const { meta: about, data } = topAnime(NOW);
    const titles = data.titles.map((title, index) => (index === 0 ? { ...title, scored_by: 887 } : title));
    server.use(
      http.get(`${API}/analytics/top-anime`, () =>
        HttpResponse.json({ meta: about, data: { ...data, titles } }),
      ),
    );
    open();
    const chart = await ranking();
    const rows = within(chart).getAllByRole("row");
    expect(rows.map((row) => row.hasAttribute("data-few")).slice(0, 3)).toEqual([false, true, false]);
    expect(rows[1]?.querySelector("small")?.textContent).toMatch(/, few votes$/);
    const row = within(chart).getByRole("slider", { name: "Titles" });
    expect(row.getAttribute("aria-valuetext")).toMatch(/ members, few votes$/);
    expect(chart.textContent).toContain("Few votes: fewer than 1,000.");
    const lead = screen.getByRole("figure", { name: "The line of the leading title" });
    expect(lead.closest("[data-few]")).toBeTruthy();
  });

  it("names the score's change where it has no column of its own", async () => {
    open("/?since=day");
    const head = within(await ranking()).getAllByRole("columnheader")[4];
    expect(head?.textContent).toBe("Score, and since 22 Nov");
  });

  it("has covers for invented titles only", async () => {
    open();
    const list = await ranking();
    await waitFor(() => expect(list.querySelectorAll("th[scope=row] svg")).toHaveLength(10));
  });

  it("shows no column that it has nothing for", async () => {
    const { meta: about, data } = topAnime(NOW, { days: 14 });
    const titles = data.titles.map((title) => ({
      ...title,
      move: null,
      previous_place: null,
      score_change: null,
      spark: title.spark.map((day, index) => (index === 13 ? day : { ...day, score: null, observed: false })),
    }));
    server.use(
      http.get(`${API}/analytics/top-anime`, () =>
        HttpResponse.json({
          meta: { ...about, catalogue: "mal" },
          data: { ...data, previous: null, titles },
        }),
      ),
    );
    open("/?catalogue=mal");
    const chart = await figure(/The ten highest scores/);
    const heads = within(
      await within(chart).findByRole("table", { name: "The ten highest scores" }),
    ).getAllByRole("columnheader");
    expect(heads.map((head) => head.textContent)).toEqual(["#Place", "Title", "Score", "Votes", "Members"]);
    expect(chart.querySelector("th[scope=row] svg")).toBeNull();
    expect(chart.textContent).toContain("No capture of this list is older, so no move can be told.");
    expect(screen.queryByRole("slider", { name: "Days" })).toBeNull();
    expect(screen.getByText(/It begins on the second day with a score/)).toBeTruthy();
  });

  it("names titles in the script that the reader chose, and tells their language", async () => {
    const { user, search } = open();
    await user.click(within(await ranking()).getByRole("button", { name: "日本語" }));
    expect(search().get("names")).toBe("japanese");
    const name = within(await ranking()).getAllByText("墨の彼方")[0];
    expect(name?.closest("[lang]")?.getAttribute("lang")).toBe("ja");
  });

  it("reads out each row, and keeps its origin for whoever opens it", async () => {
    const { user } = open("/?since=capture");
    const row = within(await ranking()).getByRole("slider", { name: "Titles" });
    row.focus();
    await user.keyboard("{ArrowDown}");
    expect(row.getAttribute("aria-valuetext")).toBe(
      "The Bureau of Daybreak Traffic: from third to second, score 8.94, 118,725 votes, 390,973 members",
    );
    expect(row.textContent).not.toMatch(/RAW|message/);
    await user.keyboard("{End}");
    expect(row.getAttribute("aria-valuetext")).toContain("tenth");
    const origin = within(await ranking())
      .getByText("Origin of each row")
      .closest("details");
    expect(origin?.open).toBe(false);
    const rows = await within(origin as HTMLElement).findAllByRole("row", { hidden: true });
    expect(origin?.textContent).toContain("Archived in raw-1790812800000-000000005001.jsonl.zst.");
    expect(rows[1]?.textContent).toBe("1Beyond the Ink15612");
  });
});

describe("the genres", () => {
  it("read out exact numbers, and change with the choices", async () => {
    const { user, search } = open();
    const chart = await genres();
    const row = within(chart).getByRole("slider", { name: "Genres" });
    expect(row.textContent).toBe(
      "Comedytitles 131 of 401share 33\u202f%mean score 7.12scored titles 113members 8,035,147",
    );
    row.focus();
    await user.keyboard("{ArrowDown}{ArrowDown}");
    expect(row.getAttribute("aria-valuetext")).toContain("Drama: 97 of 401 titles");
    await user.click(within(chart).getByRole("button", { name: "Count" }));
    expect(search().get("measure")).toBe("titles");
    await user.click(within(chart).getByRole("button", { name: "Themes" }));
    expect(search().get("kind")).toBe("theme");
    expect(await screen.findByRole("slider", { name: "Themes" })).toBeTruthy();
  });
});

describe("the seasons", () => {
  it("are told by those that are compared, and how many are not", async () => {
    const { data } = seasonalTrend(NOW);
    const early = { titles: 32, scored: 6, mean_score: 9.64 };
    const points = data.map((point, index) => (index === 11 ? { ...point, ...early } : point));
    server.use(
      http.get(`${API}/analytics/seasonal-trend`, () => HttpResponse.json({ meta: meta(NOW), data: points })),
    );
    open();
    const chart = await figure(/Summer 2026/);
    expect((await within(chart).findByRole("img")).getAttribute("aria-label")).toMatch(
      /^Score and members over 12 seasons: from 7\.31 in Winter 2024, .* to 7\.38 in Summer 2026, .* 2 seasons of too few scores to compare \(hollow\)\. 1 season not observed\.$/,
    );
    const row = within(chart).getByRole("slider", { name: "Seasons" });
    expect(row.textContent).toMatch(
      /^Autumn 2026 so far, too few scores to compare: 6 of 32 titlestitles 32scored titles 6mean score 9\.64/,
    );
  });

  it("explain the marks that are drawn, and no others", async () => {
    const { data } = seasonalTrend(NOW);
    const sub = "Mean score of each season’s titles above, their members below.";
    const plain = data.map((point) => (point.titles > 0 ? { ...point, titles: 40, scored: 40 } : point));
    const high = { titles: 2, scored: 2, mean_score: 9.9, median_score: 9.9 };
    const answers = [plain, plain.map((point, index) => (index === 2 ? { ...point, ...high } : point))];
    const told: (string | null | undefined)[] = [];
    const triangles: number[] = [];
    for (const points of answers) {
      server.use(
        http.get(`${API}/analytics/seasonal-trend`, () =>
          HttpResponse.json({ meta: meta(NOW), data: points }),
        ),
      );
      open();
      const chart = await seasons();
      told.push(chart.querySelector("figcaption p")?.textContent);
      const names = (await within(chart).findByRole("img")).textContent ?? "";
      triangles.push(names.match(/[\w ]+ \(triangle: beyond the scale\)/g)?.length ?? 0);
      cleanup();
    }
    const hollow =
      "Hollow bar: fewer than five titles. Hollow dot: fewer than five titles scored, or not most of them; not compared.";
    expect(told).toEqual([sub, `${sub} ${hollow}`]);
    expect(triangles).toEqual([0, 1]);
  });

  it("never turn a missing season into a zero", async () => {
    const { user } = open("/?table=seasons");
    const chart = await seasons();
    const row = within(chart).getByRole("slider", { name: "Seasons" });
    expect(row.getAttribute("aria-valuetext")).toContain("Autumn 2026: 40 titles, mean score 7.55");
    row.focus();
    await user.keyboard("{ArrowLeft>5/}");
    expect(row.getAttribute("aria-valuetext")).toBe("Summer 2025: not observed");
    const table = within(chart).getByRole("region", { name: /^Table/ });
    const line = await within(table).findByRole("row", { name: /Summer 2025/ });
    expect(line.textContent).toBe("Summer 2025not observed");
  });
});

it("says of a season that no title has a score, in the row and in the table", async () => {
  const { data } = seasonalTrend(NOW);
  const bare = { titles: 1, scored: 0, mean_score: null, median_score: null };
  const points = data.map((point, index) => (index === 10 ? { ...point, ...bare } : point));
  server.use(
    http.get(`${API}/analytics/seasonal-trend`, () => HttpResponse.json({ meta: meta(NOW), data: points })),
  );
  const { user } = open("/?table=seasons");
  const chart = await seasons();
  const row = within(chart).getByRole("slider", { name: "Seasons" });
  row.focus();
  await user.keyboard("{ArrowLeft}");
  expect(row.textContent).toContain("Summer 2026 its title has no score");
  expect(row.getAttribute("aria-valuetext")).toMatch(/^Summer 2026: 1 title, .*; its title has no score$/);
  const line = await within(chart).findByRole("row", { name: /Summer 2026/ });
  expect(within(line).getAllByRole("cell")[2]?.textContent).toBe("no score");
  expect((await within(chart).findByRole("img")).getAttribute("aria-label")).toContain(
    "1 season without a score.",
  );
});

it("shows more studios in the table than the drawing has room for", async () => {
  const one = genreDistribution(NOW).data.genres[0];
  const many = Array.from({ length: 26 }, (_, index) => ({
    ...one,
    genre_id: index,
    name: `Studio ${index}`,
  }));
  server.use(
    http.get(`${API}/analytics/genre-distribution`, () =>
      HttpResponse.json({ meta: meta(NOW), data: { titles: 401, genres: many } }),
    ),
  );
  open("/?kind=studio&table=genres");
  const chart = await figure(/Studio 0 made the most titles/);
  expect(chart.textContent).toContain("6 smaller ones stand in the table.");
  const table = within(chart).getByRole("region", { name: /^Table/ });
  expect(await within(table).findAllByRole("row")).toHaveLength(27);
});
