import { screen, waitFor } from "@testing-library/preact";
import { HttpResponse, http } from "msw";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { meta, topAnime } from "../testing/fixtures.ts";
import { open } from "../testing/page.tsx";
import { API, NOW, server } from "../testing/server.ts";

beforeEach(() => {
  vi.useFakeTimers({ now: NOW, toFake: ["Date"] });
});

describe("where there is nothing, the page", () => {
  it("gives a reason and a next step", async () => {
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

  it("says once that nothing has ever been captured", async () => {
    const none = meta(NOW, { captured_at: null, first_captured_at: null, sources: [] });
    const nothing = (path: string, data: unknown) =>
      http.get(`${API}/${path}`, () => HttpResponse.json({ meta: none, data }));
    server.use(
      nothing("runs", []),
      nothing("analytics/top-anime", { run: null, previous: null, titles: [] }),
      nothing("analytics/genre-distribution", { titles: 0, genres: [] }),
      nothing("analytics/seasonal-trend", []),
    );
    open();
    expect(await screen.findByText(/It fills as soon as the first page/)).toBeTruthy();
    await waitFor(() => expect(screen.queryByRole("figure")).toBeNull());
    expect(screen.getAllByText(/no capture yet|been captured|observed/i)).toHaveLength(1);
    expect(screen.getByRole("heading", { level: 1, name: "Overview" })).toBeTruthy();
  });

  it("says once that a day lies before the first capture", async () => {
    const early = meta(NOW, { first_captured_at: "2026-07-27T04:12:00Z", captured_at: null });
    server.use(http.get(`${API}/runs`, () => HttpResponse.json({ meta: early, data: [] })));
    const { user, search } = open("/?as_of=2026-02-01");
    expect(await screen.findAllByText(/Nothing was observed before/)).toHaveLength(1);
    expect(screen.queryByRole("figure")).toBeNull();
    await user.click(screen.getByRole("button", { name: "Show 27 Jul 2026" }));
    expect(search().get("as_of")).toBe("2026-07-27");
  });

  it("says that a list had not been captured by a day", async () => {
    const { data } = topAnime(NOW);
    server.use(
      http.get(`${API}/analytics/top-anime`, () =>
        HttpResponse.json({
          meta: meta(NOW, { captured_at: null }),
          data: { ...data, run: null, previous: null, titles: [] },
        }),
      ),
    );
    open("/?as_of=2026-09-01");
    expect(await screen.findByText("No ranking by score had been captured by 1 Sept 2026.")).toBeTruthy();
  });
});
