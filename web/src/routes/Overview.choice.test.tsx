import { fireEvent, screen, waitFor, within } from "@testing-library/preact";
import { HttpResponse, http } from "msw";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { genreDistribution, topAnime } from "../testing/fixtures.ts";
import { figure, genres, open, ranking } from "../testing/page.tsx";
import { API, holdBack, NOW, server } from "../testing/server.ts";

beforeEach(() => {
  vi.useFakeTimers({ now: NOW, toFake: ["Date"] });
});

describe("a choice", () => {
  const GENRES = `${API}/analytics/genre-distribution`;

  it("leaves what stands there until its own numbers have come", async () => {
    const { user } = open();
    const chart = await genres();
    const answer = holdBack("analytics/genre-distribution");
    await user.click(within(chart).getByRole("button", { name: "Themes" }));
    expect(within(chart).getByRole("button", { name: "Themes" }).getAttribute("aria-pressed")).toBe("true");
    expect(within(chart).getByRole("heading").textContent).toContain("Comedy");
    expect(chart.getAttribute("aria-busy")).toBe("true");
    expect(chart.querySelector("[aria-busy]")).toBeNull();
    await answer(genreDistribution(NOW, "theme"));
    expect(await figure(/share the theme School/)).toBe(chart);
    expect(chart.getAttribute("aria-busy")).toBeNull();
  });

  it("leaves what this part showed last, not what came last", async () => {
    const { user } = open();
    const chart = await genres();
    const choose = (name: string) => user.click(within(chart).getByRole("button", { name }));
    vi.setSystemTime(NOW.getTime() + 1_000);
    await choose("Studios");
    await figure(/made the most titles/);
    await choose("Genres");
    await figure(/are Comedy/);
    server.use(http.get(GENRES, () => new Promise<Response>(() => {})));
    await choose("Themes");
    expect(within(chart).getByRole("heading").textContent).toContain("are Comedy");
  });

  it("says after a while what is still read, and not before", async () => {
    const { user } = open();
    const chart = await genres();
    server.use(http.get(GENRES, () => new Promise<Response>(() => {})));
    await user.click(within(chart).getByRole("button", { name: "Studios" }));
    const line = within(chart).getByText("", { selector: "p[role=status]" });
    expect(await within(chart).findByText("Reading studios; genres are shown.")).toBe(line);
  });

  it("leaves the numbers there where its own cannot be read, and says what failed", async () => {
    const { user } = open();
    const [list, chart] = [await ranking(), await genres()];
    server.use(
      http.get(`${API}/analytics/*`, () =>
        HttpResponse.json({ detail: "broken" }, { status: 500, headers: { "x-request-id": "r-1" } }),
      ),
    );
    await user.click(within(chart).getByRole("button", { name: "Demographics" }));
    await user.click(within(list).getByRole("button", { name: "In a day" }));
    await within(chart).findByText(/^Demographics could not be read; genres are shown\. Request/);
    await within(list).findByText(/^The moves in a day could not be read; those in a week are shown\./);
    expect(within(chart).getByText("r-1")).toBeTruthy();
    // What is shown is as new as it was.
    expect(chart.hasAttribute("data-stale") || list.hasAttribute("data-stale")).toBe(false);
    expect(screen.queryByText(/as of 12:00/i)).toBeNull();
    expect(within(chart).getByRole("heading").textContent).toContain("are Comedy");
    expect(within(list).getByRole("table", { name: "The ten highest scores" })).toBeTruthy();
    expect(screen.getByRole("heading", { level: 1, name: /rose above 9.00/ })).toBeTruthy();
    server.use(http.get(GENRES, () => HttpResponse.json(genreDistribution(NOW, "demographic"))));
    await user.click(within(chart).getByRole("button", { name: "Try again" }));
    await waitFor(() => expect(within(chart).queryByText(/could not be read|are shown/)).toBeNull());
  });

  it("of another comparison leaves the leading title to say how old it is", async () => {
    server.use(
      http.get(`${API}/analytics/top-anime`, ({ request }) => {
        const answer = topAnime(NOW);
        const stale = new URL(request.url).searchParams.get("since") === "capture";
        return HttpResponse.json({ ...answer, meta: { ...answer.meta, stale } });
      }),
    );
    open("/?since=week");
    expect(await screen.findByText("The leading title as of 12:00 UTC.")).toBeTruthy();
  });

  it("of another comparison lends the leading title no numbers", async () => {
    server.use(
      http.get(`${API}/analytics/top-anime`, ({ request }) =>
        new URL(request.url).searchParams.get("since") === "capture"
          ? HttpResponse.json({}, { status: 500 })
          : HttpResponse.json(topAnime(NOW)),
      ),
    );
    open("/?since=week");
    await ranking();
    expect((await screen.findByRole("alert")).textContent).toContain("The leading title’s line could not");
  });

  it("of other captures shows no numbers of those before", async () => {
    const { user } = open("/?catalogue=sample");
    await genres();
    server.use(http.get(GENRES, () => HttpResponse.error()));
    await user.selectOptions(screen.getByRole("combobox", { name: "Catalogue" }), "mal");
    expect((await screen.findByRole("alert")).textContent).toContain("The list of genres could not be read");
  });

  it("of captures is a step to take back, any other is not", async () => {
    const { user, search, back } = open("/?catalogue=mal");
    await user.click(within(await genres()).getByRole("button", { name: "Themes" }));
    await user.selectOptions(
      await screen.findByRole("combobox", { name: "Source" }),
      "https://mirror.example/v1",
    );
    await user.selectOptions(screen.getByRole("combobox", { name: "Catalogue" }), "sample");
    fireEvent.input(screen.getByLabelText(/^As of/), { target: { value: "2026-11-20" } });
    await waitFor(() => expect(search().toString()).toBe("catalogue=sample&kind=theme&as_of=2026-11-20"));
    fireEvent.input(screen.getByLabelText(/^As of/), { target: { value: "2026-11-21" } });
    await waitFor(() => expect(search().get("as_of")).toBe("2026-11-21"));
    const seen = [];
    for (let steps = 0; steps < 3; steps++) {
      const before = search().toString();
      back();
      await waitFor(() => expect(search().toString()).not.toBe(before));
      seen.push(search().toString());
    }
    expect(seen).toEqual([
      "catalogue=sample&kind=theme",
      "catalogue=mal&kind=theme&source=https%3A%2F%2Fmirror.example%2Fv1",
      "catalogue=mal&kind=theme",
    ]);
  });
  it("of a day is a step of its own once the one before has been looked at", async () => {
    const { search, back } = open();
    await genres();
    const write = async (day: string) => {
      fireEvent.input(screen.getByLabelText(/^As of/), { target: { value: day } });
      await waitFor(() => expect(search().get("as_of")).toBe(day));
      await screen.findByText(new RegExp(`Shown as of ${Number(day.slice(-2))} Nov`));
      await screen.findByText(/4 captures/);
      // The pickers have the answer too.
      const catalogue = screen.getByRole("combobox", { name: "Catalogue" }) as HTMLSelectElement;
      await waitFor(() => expect(catalogue.value).toBe("sample"));
    };
    await write("2026-11-20");
    vi.setSystemTime(NOW.getTime() + 2_000);
    await write("2026-11-18");
    back();
    await waitFor(() => expect(search().get("as_of")).toBe("2026-11-20"));
    await write("2026-11-19");
    back();
    await waitFor(() => expect(search().get("as_of")).toBe("2026-11-20"));
  });
});
