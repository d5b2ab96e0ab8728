import { screen, waitFor, within } from "@testing-library/preact";
import { HttpResponse, http } from "msw";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Title, TitleDaysResponse } from "../../api/types.gen.ts";
import { meta } from "../../testing/fixtures.ts";
import { figure, open } from "../../testing/page.tsx";
import { API, NOW, server } from "../../testing/server.ts";
import { TITLE_ID, title, titleDays, titleWeeks } from "../../testing/titlePage.ts";

beforeEach(() => {
  vi.useFakeTimers({ now: NOW, toFake: ["Date"] });
});

const ADDRESS = `/title/${TITLE_ID}`;
const line = () => figure(/After episode 5 the score rose/);
const withTitle = (changes: Partial<Title>) =>
  server.use(http.get(`${API}/titles/:id`, () => HttpResponse.json(title(NOW, changes))));
const withDays = (change: (answer: TitleDaysResponse) => TitleDaysResponse) =>
  server.use(
    http.get(`${API}/analytics/titles/:id/days`, () => HttpResponse.json(change(titleDays(NOW, 90)))),
  );

describe("a title's page", () => {
  it("has its names, its numbers and what they changed in a week", async () => {
    open(ADDRESS);
    expect(await screen.findByRole("heading", { level: 1, name: "Beyond the Ink" })).toBeTruthy();
    expect(screen.getByText("Sumi no Kanata").getAttribute("lang")).toBe("ja-Latn");
    expect(screen.getByText("墨の彼方").getAttribute("lang")).toBe("ja");
    const score = screen.getByText("Score", { selector: "dt" }).parentElement;
    expect(score?.textContent).toMatch(/^Score8\.\d\d\+0\.\d\d since 16 Nov$/);
    await waitFor(() => expect(document.title).toContain("Beyond the Ink"));
    expect(screen.queryByRole("link", { name: "On MyAnimeList" })).toBeNull();
  });

  it("takes its name in the reader's script", async () => {
    open(`${ADDRESS}?names=japanese`);
    const heading = await screen.findByRole("heading", { level: 1, name: "墨の彼方" });
    expect(heading.querySelector("bdi")?.lang).toBe("ja");
    expect(screen.getByText("Beyond the Ink")).toBeTruthy();
  });

  it("leads to MyAnimeList where the title is of there, and to no other kind of address", async () => {
    const real = (url: string) => ({ ...title(NOW, { url }), meta: meta(NOW, { catalogue: "mal" }) });
    server.use(http.get(`${API}/titles/:id`, () => HttpResponse.json(real("https://anime.example/1"))));
    open(ADDRESS);
    const link = await screen.findByRole("link", { name: "On MyAnimeList" });
    expect(link.getAttribute("href")).toBe("https://anime.example/1");
  });

  it("makes no link of a script", async () => {
    server.use(
      http.get(`${API}/titles/:id`, () =>
        HttpResponse.json({
          ...title(NOW, { url: "javascript:alert(1)" }),
          meta: meta(NOW, { catalogue: "mal" }),
        }),
      ),
    );
    open(ADDRESS);
    await screen.findByRole("heading", { level: 1, name: "Beyond the Ink" });
    expect(screen.queryByRole("link", { name: "On MyAnimeList" })).toBeNull();
  });

  it("has a computed finding, a remark where it happened, and a summary for readers aloud", async () => {
    open(ADDRESS);
    const chart = within(await line());
    const drawing = chart.getByRole("img", {
      name: /Score from .* to .*; members from .* 26 Aug to 23 Nov 2026/,
    });
    expect(within(drawing).getByText("Episode 5")).toBeTruthy();
    expect(within(drawing).getByText("not observed")).toBeTruthy();
    expect(within(drawing).getByText("fewer than 1,000 votes")).toBeTruthy();
    expect(chart.getByText(/84 of 90 days observed/)).toBeTruthy();
  });

  it("is read day by day with the keys", async () => {
    const { user } = open(ADDRESS);
    const row = await screen.findByRole("slider", { name: "Days" });
    expect(row.getAttribute("aria-valuetext")).toMatch(
      /^23 Nov: score 8\.\d\d; [\d,]+ votes; [\d,]+ members; \+/,
    );
    row.focus();
    await user.keyboard("{ArrowLeft>12/}");
    expect(row.getAttribute("aria-valuetext")).toBe("11 Nov: not observed; the day of episode 9");
    await user.keyboard("{Home}");
    expect(row.getAttribute("aria-valuetext")).toMatch(/^26 Aug: no score; .* days before the premiere/);
    await user.keyboard("{End}");
    expect(row.getAttribute("aria-valuetext")).toMatch(/^23 Nov/);
  });

  it("changes range and measure in the address", async () => {
    const { user, search } = open(ADDRESS);
    const chart = within(await line());
    await user.click(chart.getByRole("button", { name: "7 days" }));
    await user.click(chart.getByRole("button", { name: "Rank" }));
    expect(search().toString()).toBe("range=7&measure=rank");
    expect(await screen.findByRole("heading", { name: /^Rank .* since 17 November/ })).toBeTruthy();
    expect(await screen.findByText(/7 of 7 days observed/)).toBeTruthy();
  });

  it("has a table with the API's rows, and the server's file", async () => {
    const { user } = open(ADDRESS);
    const chart = within(await line());
    await user.click(chart.getByRole("button", { name: "Table" }));
    const rows = await chart.findAllByRole("row");
    expect(rows).toHaveLength(91);
    expect(rows[1]?.textContent).toMatch(/^23 Nov 20268\.\d\d#1/);
    expect(rows[13]?.textContent).toBe("11 Nov 2026not observed");
    expect(chart.getByRole("link", { name: "CSV" }).getAttribute("href")).toBe(
      `/api/v1/analytics/titles/${TITLE_ID}/days?days=90&format=csv`,
    );
  });

  it("shows facts, places, similar titles and episodes", async () => {
    const { user, search } = open(ADDRESS);
    expect(await screen.findByText("TV, 13 episodes")).toBeTruthy();
    expect(screen.getByText("Autumn 2026")).toBeTruthy();
    expect(await screen.findByText("10 weeks, peak 1")).toBeTruthy();
    const similar = await screen.findByRole("link", { name: "The Bureau of Daybreak Traffic" });
    expect(similar.getAttribute("href")).toBe(`/title/${TITLE_ID + 1}`);
    const weeks = within(await figure(/^First in the week of 23 Nov/));
    await user.click(weeks.getByRole("button", { name: "Members gained" }));
    expect(search().get("places")).toBe("members");
    const episodes = within(await figure(/did most of the work/));
    expect(episodes.getByText("not over yet", { selector: "td:nth-child(3) > *" })).toBeTruthy();
    expect(episodes.getByRole("rowheader", { name: "5" })).toBeTruthy();
    await user.click(episodes.getByRole("button", { name: "Score" }));
    expect(search().get("sort")).toBe("episodes_-score");
    for (const list of [episodes, within(await figure(/Moved like it/))]) {
      const kinds = ["CSV", "SVG", "PNG"].map((name) => list.getByText(name));
      expect(kinds.every((one) => !one.hasAttribute("disabled"))).toBe(true);
    }
  });
});

describe("the origin of a point", () => {
  it("opens with Enter and closes again", async () => {
    const { user, search } = open(ADDRESS);
    const row = await screen.findByRole("slider", { name: "Days" });
    row.focus();
    await user.keyboard("{ArrowLeft}{Enter}");
    expect(search().get("at")).toBe("2026-11-22");
    const origin = within(await screen.findByRole("region", { name: /numbers of 22 Nov 2026 come from/ }));
    expect(await origin.findByText("bin/nats stream get RAW 56083")).toBeTruthy();
    expect(origin.getByText("jikan-sim, page 2 of 41")).toBeTruthy();
    expect(origin.getByText("visible from then on")).toBeTruthy();
    expect(origin.getByText("0.3 s later")).toBeTruthy();
    expect(origin.getByRole("link", { name: "Its whole journey" }).getAttribute("href")).toBe(
      `/journey/1790000000000/56083?title=${TITLE_ID}`,
    );
    await user.click(origin.getByRole("button", { name: "Close" }));
    await waitFor(() => expect(screen.queryByRole("region", { name: /come from/ })).toBeNull());
  });

  it.each([
    ["2026-11-11", /Nobody looked on that day/],
    ["2031-01-01", /has not come; the last one captured is 23 Nov 2026/],
    ["2026-08-01", /before the first one shown, 26 Aug 2026/],
  ])("says why %s has none", async (at, words) => {
    open(`${ADDRESS}?at=${at}`);
    expect(await screen.findByText(words)).toBeTruthy();
  });

  it("says what failed, and tries again", async () => {
    let fails = true;
    server.use(
      http.get(`${API}/journey/:epoch/:seq`, () =>
        fails ? new HttpResponse(null, { status: 503, headers: { "x-request-id": "r-17" } }) : undefined,
      ),
    );
    const { user } = open(`${ADDRESS}?at=2026-11-22`);
    const origin = within(await screen.findByRole("region", { name: /22 Nov 2026/ }));
    expect(await origin.findByText("r-17")).toBeTruthy();
    fails = false;
    await user.click(origin.getByRole("button", { name: "Try again" }));
    expect(await origin.findByText("bin/nats stream get RAW 56083")).toBeTruthy();
  });
});

describe("a title's page without numbers", () => {
  it("keeps the room of what is to come", async () => {
    server.use(http.get(`${API}/titles/:id`, () => new Promise<Response>(() => {})));
    server.use(http.get(`${API}/analytics/titles/:id/days`, () => new Promise<Response>(() => {})));
    open(ADDRESS);
    expect(await screen.findByRole("heading", { level: 1, name: `Title ${TITLE_ID}` })).toBeTruthy();
    await waitFor(() => expect(document.querySelectorAll("[aria-busy=true]").length).toBeGreaterThan(2));
  });

  it("names an unknown title, and how to find another", async () => {
    const detail = "the catalogue sample has no title 77; search for its name at /api/v1/titles?q=…";
    server.use(http.get(`${API}/titles/:id`, () => HttpResponse.json({ detail }, { status: 404 })));
    server.use(
      http.get(`${API}/analytics/titles/:id/*`, () => HttpResponse.json({ detail }, { status: 404 })),
    );
    open("/title/77");
    expect(await screen.findByRole("heading", { level: 1, name: "No title 77 is known" })).toBeTruthy();
    expect(screen.getByText("The catalogue sample has no title 77.")).toBeTruthy();
    expect(within(screen.getByRole("main")).getByText("/", { selector: "kbd" })).toBeTruthy();
  });

  it("says what failed, with the request to quote", async () => {
    const broken = () => new HttpResponse(null, { status: 500, headers: { "x-request-id": "r-18" } });
    server.use(http.get(`${API}/titles/:id`, broken));
    const { user } = open(ADDRESS);
    expect(await screen.findByText("r-18")).toBeTruthy();
    server.use(http.get(`${API}/titles/:id`, () => HttpResponse.json(title(NOW))));
    await user.click(screen.getByRole("button", { name: "Try again" }));
    expect(await screen.findByRole("heading", { level: 1, name: "Beyond the Ink" })).toBeTruthy();
  });

  it("says that a title has no observation", async () => {
    withTitle({ latest: null, week_before: null, name_only: true });
    withDays((answer) => ({ ...answer, data: { ...answer.data, days: [] } }));
    open(ADDRESS);
    expect(await screen.findByText("This title has not been observed.")).toBeTruthy();
    expect(screen.getByText(/Only an imported history names it/)).toBeTruthy();
    expect(screen.getByText("Score", { selector: "dt" }).parentElement?.textContent).toBe("Score–");
  });

  it("offers all days where none of those shown was observed", async () => {
    withDays((answer) => {
      const gone = answer.data.days
        .slice(-7)
        .map((day) => ({ ...day, observed: false, score: null, members: null }));
      return { ...answer, data: { ...answer.data, days: gone } };
    });
    const { user, search } = open(`${ADDRESS}?range=7`);
    await user.click(await screen.findByRole("button", { name: "Show all days" }));
    expect(search().get("range")).toBe("all");
  });

  it("says what one capture supports", async () => {
    withDays((answer) => ({ ...answer, data: { ...answer.data, days: answer.data.days.slice(-1) } }));
    withTitle({ week_before: null });
    open(ADDRESS);
    expect(
      await screen.findByRole("heading", {
        name: /^Observed once, on 23 November: a score of 8\.\d\d and [\d,]+ members$/,
      }),
    ).toBeTruthy();
    expect(screen.getAllByText("nothing from a week before")).toHaveLength(5);
  });

  it("keeps old numbers and says how old they are", async () => {
    withDays((answer) => ({ ...answer, meta: { ...answer.meta, stale: true } }));
    open(ADDRESS);
    const chart = await line();
    expect(chart.dataset.stale).toBe("");
    expect(await screen.findByText(/Newer numbers could not be read/)).toBeTruthy();
  });

  it("says where nothing moved alike", async () => {
    server.use(
      http.get(`${API}/analytics/titles/:id/similar`, () =>
        HttpResponse.json({ meta: meta(NOW), data: { mal_id: TITLE_ID, since: null, titles: [] } }),
      ),
    );
    open(ADDRESS);
    expect(await screen.findByText(/No title is known that moved like it/)).toBeTruthy();
  });
});

describe("a title's page as of a day", () => {
  it("says that nothing was observed, that the day has not come, and that facts are the newest", async () => {
    withDays((answer) => ({
      meta: { ...answer.meta, sources: [] },
      data: { ...answer.data, days: [] },
    }));
    server.use(
      http.get(`${API}/analytics/titles/:id/weeks`, () => {
        const { data, meta: said } = titleWeeks(NOW);
        return HttpResponse.json({ meta: { ...said, sources: [] }, data: { ...data, weeks: [] } });
      }),
    );
    open(`${ADDRESS}?as_of=2026-11-24`);
    expect(await screen.findByText(/That day has not come; shown as of 24 Nov 2026/)).toBeTruthy();
    expect(await screen.findByText("The newest known, not those of the day shown.")).toBeTruthy();
    expect(await screen.findByText("The title was observed in none.")).toBeTruthy();
    expect(screen.getAllByText("Nothing was observed.").length).toBe(2);
    expect(screen.queryByText(/Source: \./)).toBeNull();
  });

  it("says of the day before that it is shown", async () => {
    open(`${ADDRESS}?as_of=2026-11-22`);
    expect(await screen.findByText(/Shown as of 22 Nov 2026/)).toBeTruthy();
    expect(screen.queryByText(/has not come/)).toBeNull();
  });
});

describe("hostile titles", () => {
  it.each([
    ["markup", "<img src=x onerror=alert(1)><script>alert(2)</script>"],
    ["right to left", "שלום عالم\u202e abc"],
    ["emoji", "👩‍👩‍👧‍👦🏴‍☠️ の 観測 ✨"],
    ["500 characters", "M".repeat(500)],
  ])("%s stay text, apart from what stands around them", async (_, name) => {
    withTitle({ title: name, title_english: null, title_japanese: name, synonyms: [name] });
    open(ADDRESS);
    await waitFor(() => expect(screen.getByRole("heading", { level: 1 }).textContent).toBe(name));
    const heading = screen.getByRole("heading", { level: 1 });
    expect(heading.querySelector("bdi")?.childElementCount).toBe(0);
    expect(document.querySelector("main script, main img[src]")).toBeNull();
  });
});
