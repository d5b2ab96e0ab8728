import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import { HttpResponse, http } from "msw";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { genreDistribution } from "../testing/fixtures.ts";
import { figure, genres, open, ranking } from "../testing/page.tsx";
import { API, NOW, server } from "../testing/server.ts";

beforeEach(() => {
  vi.useFakeTimers({ now: NOW, toFake: ["Date"] });
});

describe("a choice", () => {
  const GENRES = `${API}/analytics/genre-distribution`;

  it("leaves what stands there until its own numbers have come", async () => {
    const { user } = open();
    const chart = await genres();
    let answer: (value: Response) => void = () => {};
    server.use(
      http.get(
        GENRES,
        () =>
          new Promise<Response>((resolve) => {
            answer = resolve;
          }),
      ),
    );
    await user.click(within(chart).getByRole("button", { name: "Themes" }));
    expect(within(chart).getByRole("button", { name: "Themes" }).getAttribute("aria-pressed")).toBe("true");
    expect(within(chart).getByRole("heading").textContent).toContain("Comedy");
    expect(chart.getAttribute("aria-busy")).toBe("true");
    expect(chart.querySelector("[aria-busy]")).toBeNull();
    answer(HttpResponse.json(genreDistribution(NOW, "theme")));
    expect(await figure(/share the theme School/)).toBe(chart);
    expect(chart.getAttribute("aria-busy")).toBeNull();
  });

  it("leaves the numbers there where its own cannot be read, and says that they are old", async () => {
    const { user } = open();
    const [list, chart] = [await ranking(), await genres()];
    server.use(http.get(`${API}/*`, () => HttpResponse.error()));
    await user.click(within(chart).getByRole("button", { name: "Themes" }));
    await user.click(within(list).getByRole("button", { name: "In a week" }));
    expect(await screen.findByText("The ranking and the genres as of 12:00 UTC.")).toBeTruthy();
    expect(screen.queryByRole("alert")).toBeNull();
    expect(chart.hasAttribute("data-stale") && list.hasAttribute("data-stale")).toBe(true);
    expect(within(chart).getByRole("heading").textContent).toContain("are Comedy");
    expect(within(list).getByRole("table", { name: "The ten highest scores" })).toBeTruthy();
    expect(screen.getByRole("heading", { level: 1, name: /stands above 9.00/ })).toBeTruthy();
    await user.click(within(chart).getByRole("button", { name: "Genres" }));
    expect(within(chart).getByRole("heading").textContent).toContain("are Comedy");
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
    fireEvent.change(screen.getByLabelText(/^As of/), { target: { value: "2026-11-20" } });
    await waitFor(() => expect(search().toString()).toBe("catalogue=sample&kind=theme&as_of=2026-11-20"));
    fireEvent.change(screen.getByLabelText(/^As of/), { target: { value: "2026-11-21" } });
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
});
