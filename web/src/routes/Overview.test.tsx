import { cleanup, screen, waitFor, within } from "@testing-library/preact";
import { HttpResponse, http } from "msw";
import { beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { genreDistribution, meta, runDays, runs, seasonalTrend, topAnime } from "../testing/fixtures.ts";
import { figure, genres, open, ranking, seasons } from "../testing/page.tsx";
import { API, holdBack, NOW, server } from "../testing/server.ts";

const TOP = `${API}/analytics/top-anime`;

beforeEach(() => {
  vi.useFakeTimers({ now: NOW, toFake: ["Date"] });
  window.localStorage.clear();
  delete document.documentElement.dataset.theme;
});

describe("the frame", () => {
  it("says that the sample is invented, and what was captured last", async () => {
    open();
    expect(await screen.findByText("Sample data.")).toBeTruthy();
    expect(await screen.findByText("today at 04:12 UTC")).toBeTruthy();
    expect(await screen.findByText(/4 captures, 22 pages, complete/)).toBeTruthy();
    expect(screen.getByRole("img", { name: /Captures of the last 60 days: 2 .* missing/ })).toBeTruthy();
  });

  it("leads from rows that were rejected to them", async () => {
    const all = runs(NOW);
    const data = all.data.map((run) => ({ ...run, rows: { ...run.rows, dead: 25 } }));
    server.use(http.get(`${API}/runs`, () => HttpResponse.json({ ...all, data })));
    open();
    const link = await screen.findByRole("link", { name: "100 rows rejected" });
    expect(link.getAttribute("href")).toBe("/dead-letters");
    expect(link.closest("p")?.querySelector("[data-state]")?.getAttribute("data-state")).toBe("rejected");
  });

  it("has no banner over real titles", async () => {
    server.use(
      http.get(`${API}/runs`, () => HttpResponse.json({ meta: meta(NOW, { catalogue: "mal" }), data: [] })),
    );
    open("/?catalogue=mal");
    await screen.findByText(/Nothing has been captured yet/);
    expect(screen.queryByText("Sample data.")).toBeNull();
  });

  it("offers no catalogue and no empty banner where nothing can be read", async () => {
    server.use(http.get(`${API}/*`, () => HttpResponse.error()));
    open("/");
    expect((await screen.findAllByRole("alert")).length).toBeGreaterThan(2);
    const select = screen.getByRole("combobox", { name: "Catalogue" }) as HTMLSelectElement;
    expect([select.disabled, select.textContent]).toEqual([true, "not known"]);
  });

  it("links to nothing that does not exist", async () => {
    open();
    await seasons();
    const links = screen.getAllByRole("link").map((link) => link.getAttribute("href"));
    const known =
      /^(\/|#main|\/title\/\d+|\/dead-letters|\/docs|\/openapi\.json|\/api\/v1\/analytics\/[a-z-]+\?.*format=csv.*|data:text\/csv;.*)$/;
    expect(links.filter((href) => !href || !known.test(href))).toEqual([]);
  });

  it("leads from every title to its page, with the same captures and names", async () => {
    const { user, path, search } = open("/?catalogue=sample&names=romaji&kind=theme&table=lead.top");
    const list = await ranking();
    const [rows] = within(list).getAllByRole("table");
    const table = await within(within(list).getByRole("region")).findByRole("table");
    const drawing = await screen.findByRole("figure", { name: "The line of the leading title" });
    const lead = await within(drawing).findByRole("columnheader", { name: /^Sumi no Kanata/ });
    const places = [
      screen.getByRole("heading", { level: 1 }),
      within(list).getByRole("heading"),
      within(rows as HTMLElement).getAllByRole("row")[1],
      within(table).getAllByRole("row")[1],
      lead,
    ];
    for (const place of places) {
      const href = within(place as HTMLElement)
        .getAllByRole("link")[0]
        ?.getAttribute("href");
      expect(href).toMatch(/^\/title\/90\d\d\?catalogue=sample&names=romaji$/);
    }
    await user.click(within(lead).getByRole("link"));
    expect(path()).toBe("/title/9000");
    expect(search().toString()).toBe("catalogue=sample&names=romaji");
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
    document.title = "Kansoku";
    open("/nowhere");
    expect(await screen.findByRole("heading", { name: "Nothing stands at this address" })).toBeTruthy();
    expect(document.title).toBe("Nothing stands at this address – Kansoku");
    expect(screen.getByRole("link", { name: "Go to the overview" }).getAttribute("href")).toBe("/");
    const overview = within(screen.getByRole("banner")).getByRole("link", { name: "Overview" });
    expect(overview.getAttribute("aria-current")).toBeNull();
    expect(screen.getByRole("contentinfo")).toBeTruthy();
  });
});

describe("what is shown", () => {
  it("is named by the address, and changed in it", async () => {
    const requested: string[] = [];
    server.events.on("request:start", ({ request }) => {
      requested.push(new URL(request.url).search);
    });
    const { user, search } = open("/?catalogue=mal&as_of=2026-11-20");
    const source = await screen.findByRole("combobox", { name: "Source" });
    await user.selectOptions(source, "https://mirror.example/v1");
    expect(search().get("source")).toBe("https://mirror.example/v1");
    await waitFor(() => {
      const last = requested.filter((text) => text.includes("mirror.example"));
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

  it("tells the hour of an instant, and only the day of a day", async () => {
    open("/?as_of=2026-11-20T04:30:00Z");
    expect(await screen.findByText(/Shown as of 20 Nov 2026, 04:30 UTC\./)).toBeTruthy();
    cleanup();
    open("/?as_of=2026-11-20");
    expect(await screen.findByText(/Shown as of 20 Nov 2026\./)).toBeTruthy();
  });

  it("is no catalogue called unknown while it is asked for", async () => {
    server.use(http.get(`${API}/*`, () => new Promise<Response>(() => {})));
    open("/");
    expect((await screen.findByRole("combobox", { name: "Catalogue" })).textContent).toBe("…");
  });

  it("falls back where the address makes no sense", async () => {
    open("/?catalogue=everything&kind=mood&table=none&x=1");
    expect(await genres()).toBeTruthy();
    expect(screen.queryByRole("region", { name: /^Table/ })).toBeNull();
  });

  it("falls back where the API knows no such source, and the other choices stay", async () => {
    const known = ({ request }: { request: Request }) => {
      const source = new URL(request.url).searchParams.get("source");
      if (source === null) return;
      return HttpResponse.json(
        {
          type: "about:blank",
          title: "Bad request",
          status: 400,
          detail: `source: "${source}" is not a source of the catalogue sample; its sources: jikan-sim`,
          request_id: "7c1e-40ab",
          parameter: "source",
        },
        { status: 400, headers: { "content-type": "application/problem+json" } },
      );
    };
    server.use(http.get(`${API}/runs`, known), http.get(`${API}/runs/days`, known));
    server.use(http.get(`${API}/analytics/*`, known));
    const { user, search } = open("/?catalogue=sample&source=nowhere&kind=theme");
    expect(await figure(/share the theme/)).toBeTruthy();
    expect(search().toString()).toBe("catalogue=sample&kind=theme");
    expect(screen.queryByRole("alert")).toBeNull();
    expect(await screen.findByText("today at 04:12 UTC")).toBeTruthy();
    const words = "This catalogue has no source “nowhere”, so all its sources are shown.";
    expect(screen.getByText(words).closest("[role=status]")).toBeTruthy();
    await user.click(screen.getByRole("button", { name: "Close" }));
    expect(screen.queryByText(words)).toBeNull();
  });
});

describe("every chart", () => {
  it("opens its table by button, key and address", async () => {
    const { user, search } = open("/?table=genres");
    expect(within(await genres()).getByRole("region", { name: /^Table/ })).toBeTruthy();
    await user.click(within(await ranking()).getByRole("button", { name: "Table" }));
    expect(search().get("table")).toBe("top.genres");
    const table = within(await ranking()).getByRole("region", { name: /^Table/ });
    expect(await within(table).findAllByRole("row")).toHaveLength(11);
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
    const answer = holdBack("analytics/top-anime");
    open();
    const waiting = await figure(/The ten highest scores/);
    const drawing = waiting.querySelector("[aria-busy]");
    const room = drawing?.previousElementSibling?.getAttribute("style");
    await answer(topAnime(NOW));
    const row = within(await ranking()).getByRole("slider", { name: "Titles" });
    expect(row.getAttribute("style")).toMatch(/--cells: ?4/);
    expect(room).toBe(row.getAttribute("style"));
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
    const alert = await within(await figure(/The ten highest scores/)).findByRole("alert");
    expect(screen.getByRole("heading", { level: 1, name: "Overview" }).className).toBe("");
    expect(screen.getByText(/The leading title’s line could not be read/)).toBeTruthy();
    expect(within(await figure(/The ten highest/)).queryByRole("link", { name: "CSV" })).toBeNull();
    expect(alert.textContent).toContain("The ranking could not be read. The database is away.");
    expect(alert.textContent).toContain("7c1e-40ab");
    broken = false;
    await user.click(within(alert).getByRole("button", { name: "Try again" }));
    expect(await ranking()).toBeTruthy();
    const other = screen.getByRole("alert");
    expect(other.textContent).toContain("The leading title’s line could not be read");
    await user.click(within(other).getByRole("button", { name: "Try again" }));
    await waitFor(() => expect(screen.queryByRole("alert")).toBeNull());
  });

  it("says so where no answer comes at all", async () => {
    server.use(http.get(`${API}/analytics/seasonal-trend`, () => HttpResponse.error()));
    open();
    expect((await screen.findByRole("alert")).textContent).toContain("No answer came from the server");
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
    expect(await screen.findByText("The seasons as of 11:40 UTC.")).toBeTruthy();
    expect((await seasons()).hasAttribute("data-stale")).toBe(true);
    expect((await genres()).hasAttribute("data-stale")).toBe(false);
  });

  it("is read where the browser takes itself for offline, and says what does not come", async () => {
    const { user } = open();
    const chart = await genres();
    onTestFinished(() => void window.dispatchEvent(new Event("online")));
    window.dispatchEvent(new Event("offline"));
    await user.click(within(chart).getByRole("button", { name: "Themes" }));
    expect(await figure(/share the theme School/)).toBe(chart);
    server.use(http.get(`${API}/*`, () => HttpResponse.error()));
    await user.click(within(chart).getByRole("button", { name: "Studios" }));
    await within(chart).findByText(/^Studios could not be read; themes are shown\./);
  });

  it("says it once where all of them are old, and the dot of the captures is no longer sure", async () => {
    const old = { headers: { age: "1200" } };
    const stale = (path: string, body: { meta: object }) =>
      http.get(`${API}/${path}`, () => HttpResponse.json({ ...body, meta: meta(NOW, { stale: true }) }, old));
    server.use(
      stale("runs", runs(NOW)),
      stale("runs/days", runDays(NOW)),
      stale("analytics/top-anime", topAnime(NOW)),
      stale("analytics/genre-distribution", genreDistribution(NOW)),
      stale("analytics/seasonal-trend", seasonalTrend(NOW)),
    );
    open();
    expect((await seasons()).hasAttribute("data-stale")).toBe(true);
    expect(await screen.findByText("As of 11:40 UTC.")).toBeTruthy();
    expect(document.body.textContent?.match(/as of 11:40|could not be read/gi)).toHaveLength(2);
    const line = screen.getByRole("banner").querySelector("[data-state]");
    expect(line?.getAttribute("data-state")).toBe("stale");
  });
});

describe("the keys", () => {
  /** The dialog comes after the page. */
  const dialog = () => waitFor(() => expect(document.querySelector("dialog")).toBeTruthy());

  it("are listed on ?, and t is left to whoever types", async () => {
    const { user, search } = open();
    await genres();
    await dialog();
    await user.keyboard("?");
    expect(await screen.findByRole("dialog", { name: "Keyboard shortcuts" })).toBeTruthy();
    await user.click(screen.getByRole("button", { name: "Close" }));
    expect(screen.queryByRole("dialog")).toBeNull();
    screen.getByLabelText(/^As of/).focus();
    await user.keyboard("t");
    expect(search().get("table")).toBeNull();
  });

  it("do nothing outside of a chart, and nothing at all once they are switched off", async () => {
    const { user, search } = open();
    const row = within(await genres()).getByRole("slider", { name: "Genres" });
    await user.keyboard("t");
    expect(search().get("table")).toBeNull();
    await dialog();
    await user.click(screen.getByRole("button", { name: "Keyboard shortcuts" }));
    await user.click(screen.getByRole("checkbox", { name: /t, j, k, d and \?/ }));
    await user.click(screen.getByRole("button", { name: "Close" }));
    row.focus();
    await user.keyboard("t?");
    expect(search().get("table")).toBeNull();
    expect(screen.queryByRole("dialog")).toBeNull();
    cleanup();
    open();
    await genres();
    await dialog();
    await user.keyboard("?");
    expect(screen.queryByRole("dialog")).toBeNull();
  });
});
