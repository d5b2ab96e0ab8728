import { screen, waitFor, within } from "@testing-library/react";
import { HttpResponse, http } from "msw";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { genreDistribution, meta, seasonalTrend, topAnime } from "../testing/fixtures.ts";
import { open } from "../testing/page.tsx";
import { API, NOW, server } from "../testing/server.ts";

const TOP = `${API}/analytics/top-anime`;

beforeEach(() => {
  vi.useFakeTimers({ now: NOW, toFake: ["Date"] });
  window.localStorage.clear();
  delete document.documentElement.dataset.theme;
});

const figure = (name: RegExp) => screen.findByRole("figure", { name });
const ranking = () => figure(/Village Bridge|River’s|Watashi|私が/);
const genres = () => figure(/of the titles/);
const seasons = () => figure(/Autumn 2026/);

describe("the frame", () => {
  it("says that the sample is invented, and what was captured last", async () => {
    open();
    expect(await screen.findByText("Sample data.")).toBeTruthy();
    expect(await screen.findByText("today at 04:12 UTC")).toBeTruthy();
    expect(await screen.findByText(/4 captures, 22 pages, complete/)).toBeTruthy();
    expect(screen.getByRole("img", { name: /Captures of the last 60 days: 2 .* missing/ })).toBeTruthy();
  });

  it("has no banner over real titles", async () => {
    server.use(
      http.get(`${API}/runs`, () => HttpResponse.json({ meta: meta(NOW, { catalogue: "mal" }), data: [] })),
    );
    open("/?catalogue=mal");
    await screen.findByText(/Nothing has been captured yet/);
    expect(screen.queryByText("Sample data.")).toBeNull();
  });

  it("links to nothing that does not exist", async () => {
    open();
    await seasons();
    const links = screen.getAllByRole("link").map((link) => link.getAttribute("href"));
    const known = /^(\/|#main|\/docs|\/openapi\.json|\/api\/v1\/analytics\/[a-z-]+\?.*format=csv.*)$/;
    expect(links.filter((href) => !href || !known.test(href))).toEqual([]);
  });

  it("goes through the themes and remembers the choice", async () => {
    const { user } = open();
    await user.click(await screen.findByRole("button", { name: /Theme: as the system/ }));
    expect(document.documentElement.dataset.theme).toBe("light");
    await user.click(screen.getByRole("button", { name: /Theme: light/ }));
    expect(document.documentElement.dataset.theme).toBe("dark");
    expect(window.localStorage.getItem("kansoku-theme")).toBe("dark");
    await user.click(screen.getByRole("button", { name: /Theme: dark/ }));
    expect(document.documentElement.dataset.theme).toBeUndefined();
  });

  it("answers an unknown path with a way back", async () => {
    open("/nowhere");
    expect(await screen.findByRole("heading", { name: "Nothing stands at this address" })).toBeTruthy();
    expect(screen.getByRole("link", { name: "Go to the overview" }).getAttribute("href")).toBe("/");
  });
});

describe("what is shown", () => {
  it("is asked for by the address, and changed in it", async () => {
    const asked: string[] = [];
    server.events.on("request:start", ({ request }) => {
      asked.push(new URL(request.url).search);
    });
    const { user, search } = open("/?catalogue=mal&as_of=2026-11-20");
    const source = await screen.findByRole("combobox", { name: "Source" });
    await user.selectOptions(source, "https://mirror.example/v1");
    expect(search().get("source")).toBe("https://mirror.example/v1");
    await waitFor(() => {
      const last = asked.filter((text) => text.includes("mirror.example"));
      expect(last.length).toBeGreaterThanOrEqual(5);
      expect(last.every((text) => text.includes("catalogue=mal") && text.includes("as_of=2026-11-20"))).toBe(
        true,
      );
    });
    await user.selectOptions(screen.getByRole("combobox", { name: "Catalogue" }), "sample");
    expect(search().get("catalogue")).toBe("sample");
    expect(search().get("source")).toBeNull();
    await user.click(await screen.findByRole("button", { name: "Show the newest" }));
    expect(search().get("as_of")).toBeNull();
  });

  it("falls back where the address makes no sense", async () => {
    open("/?catalogue=everything&kind=mood&table=none&x=1");
    expect(await genres()).toBeTruthy();
    expect(screen.queryByRole("region", { name: /^Table/ })).toBeNull();
  });
});

describe("the lead", () => {
  it("is a finding in words beside its line", async () => {
    open();
    expect(
      await screen.findByRole("heading", { level: 1, name: "Beyond the Ink stands above 9.00" }),
    ).toBeTruthy();
    expect(
      screen.getByRole("img", { name: /Score of Beyond the Ink from 8\.\d\d on .* 2 days not observed/ }),
    ).toBeTruthy();
  });

  it("reads the line day by day", async () => {
    const { user } = open();
    const row = await screen.findByRole("slider", { name: "Days" });
    expect(row.getAttribute("aria-valuetext")).toBe("23 Nov: 9.03");
    row.focus();
    await user.keyboard("{ArrowLeft>7/}");
    expect(row.getAttribute("aria-valuetext")).toBe("16 Nov: not observed");
    expect(row.textContent).toContain("not observed");
  });
});

describe("the ranking", () => {
  it("shows place, title, move, score and votes", async () => {
    open();
    const rows = within(await ranking()).getAllByRole("row");
    expect(rows).toHaveLength(11);
    expect(rows[2]?.textContent).toContain("2+1The Bureau of Daybreak Traffic");
    expect(rows[2]?.textContent).toContain("8.94");
    expect(rows[2]?.textContent).toContain("118,725");
    expect(rows[9]?.textContent).toContain("new");
  });

  it("compares with a week or a day before, as the address says", async () => {
    const asked: (string | null)[] = [];
    server.events.on("request:start", ({ request }) => {
      const { pathname, searchParams } = new URL(request.url);
      if (pathname.endsWith("top-anime")) asked.push(searchParams.get("since"));
    });
    const { user, search } = open();
    await user.click(within(await ranking()).getByRole("button", { name: "Moves in a day" }));
    expect(search().get("since")).toBe("day");
    await waitFor(() => expect(asked).toContain("day"));
    expect(asked[0]).toBe("week");
  });

  it("has covers for invented titles only", async () => {
    open();
    const cover = (await ranking()).querySelectorAll("th[scope=row] svg");
    expect(cover).toHaveLength(10);
  });

  it("shows no column that it has nothing for", async () => {
    const { meta: about, data } = topAnime(NOW, 14);
    const titles = data.titles.map((title) => ({
      ...title,
      move: null,
      previous_place: null,
      score_change: null,
      spark: title.spark.map((day, index) => (index === 13 ? day : { ...day, score: null })),
    }));
    server.use(
      http.get(TOP, () =>
        HttpResponse.json({
          meta: { ...about, catalogue: "mal" },
          data: { ...data, previous: null, titles },
        }),
      ),
    );
    open("/?catalogue=mal");
    const chart = await figure(/The ten highest scores/);
    const heads = within(await within(chart).findByRole("table")).getAllByRole("columnheader");
    expect(heads.map((head) => head.textContent)).toEqual(["Place", "Title", "Score", "Votes", "Members"]);
    expect(chart.querySelector("th[scope=row] svg")).toBeNull();
    expect(chart.textContent).toContain("No capture of this list is older, so no move can be told.");
    expect(screen.queryByRole("slider", { name: "Days" })).toBeNull();
  });

  it("names titles in the script that the reader chose, and tells their language", async () => {
    const { user, search } = open();
    await user.click(within(await ranking()).getByRole("button", { name: "日本語" }));
    expect(search().get("names")).toBe("japanese");
    const name = within(await ranking()).getAllByText("墨の彼方")[0];
    expect(name?.closest("[lang]")?.getAttribute("lang")).toBe("ja");
  });

  it("tells the origin of each row in the reading row", async () => {
    const { user } = open();
    const row = within(await ranking()).getByRole("slider", { name: "Titles" });
    row.focus();
    await user.keyboard("{ArrowDown}");
    expect(row.getAttribute("aria-valuetext")).toBe(
      "The Bureau of Daybreak Traffic: from third to second, 390,973 members, from RAW message 5612",
    );
    await user.keyboard("{End}");
    expect(row.getAttribute("aria-valuetext")).toContain("tenth");
  });
});

describe("the genres", () => {
  it("read out exact numbers, and change with the choices", async () => {
    const { user, search } = open();
    const chart = await genres();
    const row = within(chart).getByRole("slider", { name: "Genres" });
    expect(row.textContent).toBe(
      "Comedytitles 131 of 401share 33\u202f%mean score 7.12 of 113 titlesmembers 8,035,147",
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
  it("never turn a missing season into a zero", async () => {
    const { user } = open("/?table=seasons");
    const chart = await seasons();
    const row = within(chart).getByRole("slider", { name: "Seasons" });
    expect(row.getAttribute("aria-valuetext")).toContain("Autumn 2026: 40 titles, mean score 7.55");
    row.focus();
    await user.keyboard("{ArrowLeft>5/}");
    expect(row.getAttribute("aria-valuetext")).toBe("Summer 2025: not observed");
    const line = within(within(chart).getByRole("region", { name: /^Table/ })).getByRole("row", {
      name: /Summer 2025/,
    });
    expect(line.textContent).toBe("Summer 2025not observed");
  });
});

describe("every chart", () => {
  it("opens its table by button, key and address", async () => {
    const { user, search } = open("/?table=genres");
    expect(within(await genres()).getByRole("region", { name: /^Table/ })).toBeTruthy();
    await user.click(within(await ranking()).getByRole("button", { name: "Table" }));
    expect(search().get("table")).toBe("top.genres");
    const table = within(await ranking()).getByRole("region", { name: /^Table/ });
    expect(within(table).getAllByRole("row")).toHaveLength(11);
    within(await seasons())
      .getByRole("slider", { name: "Seasons" })
      .focus();
    await user.keyboard("t");
    expect(search().get("table")).toBe("top.genres.seasons");
    await user.keyboard("t");
    expect(search().get("table")).toBe("top.genres");
  });

  it("links to the same numbers as CSV", async () => {
    open("/?catalogue=sample&kind=studio");
    const link = within(await figure(/made/)).getByRole("link", { name: "CSV" });
    expect(link.getAttribute("href")).toBe(
      "/api/v1/analytics/genre-distribution?catalogue=sample&kind=studio&format=csv",
    );
  });

  it("copies the address of its view", async () => {
    const { user } = open();
    await user.click(within(await genres()).getByRole("button", { name: "Copy link" }));
    expect(await navigator.clipboard.readText()).toMatch(/#genres$/);
    expect(await screen.findByText("Copied")).toBeTruthy();
  });

  it("keeps its room while it waits", async () => {
    let answer: (value: Response) => void = () => {};
    server.use(
      http.get(
        TOP,
        () =>
          new Promise<Response>((resolve) => {
            answer = resolve;
          }),
      ),
    );
    open();
    const waiting = await figure(/The ten highest scores/);
    expect(waiting.querySelector("[aria-busy]")).not.toBeNull();
    answer(HttpResponse.json(topAnime(NOW)));
    expect(await ranking()).toBeTruthy();
  });

  it("says what failed with the request to quote, and tries again", async () => {
    let broken = true;
    server.use(
      http.get(TOP, () =>
        broken
          ? HttpResponse.json(
              {
                type: "about:blank",
                title: "Service unavailable",
                status: 503,
                detail: "The database is away.",
                request_id: "7c1e-40ab",
              },
              { status: 503, headers: { "content-type": "application/problem+json" } },
            )
          : HttpResponse.json(topAnime(NOW)),
      ),
    );
    const { user } = open();
    const alert = await screen.findByRole("alert");
    expect(alert.textContent).toContain("The ranking could not be read. The database is away.");
    expect(alert.textContent).toContain("7c1e-40ab");
    broken = false;
    await user.click(within(alert).getByRole("button", { name: "Try again" }));
    expect(await ranking()).toBeTruthy();
    expect(screen.queryByRole("alert")).toBeNull();
  });

  it("says so where no answer comes at all", async () => {
    server.use(http.get(`${API}/analytics/seasonal-trend`, () => HttpResponse.error()));
    open();
    expect((await screen.findByRole("alert")).textContent).toContain("No answer came from the server");
  });

  it("gives a reason and a next step where there is nothing", async () => {
    const first_captured_at = "2026-07-27T04:12:00Z";
    server.use(
      http.get(`${API}/analytics/genre-distribution`, () =>
        HttpResponse.json({
          meta: meta(NOW, { first_captured_at, captured_at: null }),
          data: { titles: 0, genres: [] },
        }),
      ),
    );
    const { user, search } = open("/?as_of=2026-02-01");
    expect(await screen.findByText("Nothing was observed before 27 Jul 2026.")).toBeTruthy();
    await user.click(screen.getByRole("button", { name: "Show 27 Jul 2026" }));
    expect(search().get("as_of")).toBe("2026-07-27");
  });

  it("says that a list had not been captured by a day", async () => {
    const { data } = topAnime(NOW);
    server.use(
      http.get(TOP, () =>
        HttpResponse.json({
          meta: meta(NOW, { captured_at: null }),
          data: { ...data, run: null, previous: null, titles: [] },
        }),
      ),
    );
    open("/?as_of=2026-09-01");
    expect(await screen.findByText("No ranking by score had been captured by 1 Sept 2026.")).toBeTruthy();
  });

  it("keeps old numbers and says how old they are", async () => {
    server.use(
      http.get(`${API}/analytics/seasonal-trend`, () =>
        HttpResponse.json(
          { ...seasonalTrend(NOW), meta: meta(NOW, { stale: true }) },
          { headers: { age: "1200" } },
        ),
      ),
    );
    open();
    expect(await screen.findByText("As of 11:40 UTC.")).toBeTruthy();
    expect((await seasons()).hasAttribute("data-stale")).toBe(true);
    expect((await genres()).hasAttribute("data-stale")).toBe(false);
  });
});

describe("the keys", () => {
  it("are listed on ?, and t is left to whoever types", async () => {
    const { user, search } = open();
    await genres();
    await user.keyboard("?");
    expect(await screen.findByRole("dialog", { name: "Keyboard shortcuts" })).toBeTruthy();
    await user.click(screen.getByRole("button", { name: "Close" }));
    expect(screen.queryByRole("dialog")).toBeNull();
    screen.getByLabelText(/^As of/).focus();
    await user.keyboard("t");
    expect(search().get("table")).toBeNull();
  });
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
  const chart = await figure(/Studio 0 made most titles/);
  expect(chart.textContent).toContain("6 smaller ones stand in the table.");
  expect(within(within(chart).getByRole("region", { name: /^Table/ })).getAllByRole("row")).toHaveLength(27);
});
