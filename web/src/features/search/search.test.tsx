import { act, renderHook, screen, waitFor, within } from "@testing-library/preact";
import { HttpResponse, http } from "msw";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { foundTitles } from "../../testing/fixtures.ts";
import { genres, open } from "../../testing/page.tsx";
import { API, holdBack, NOW, server } from "../../testing/server.ts";
import { moved } from "./moved.ts";
import { CUT, wantedOf } from "./text.ts";
import { useSettled } from "./useSettled.ts";

beforeEach(() => {
  vi.useFakeTimers({ now: NOW, toFake: ["Date"] });
});

const field = () => screen.getByRole("combobox", { name: "Search titles" }) as HTMLInputElement;
const options = async () =>
  within(await screen.findByRole("listbox", { name: "Titles" })).findAllByRole("option");
const status = () => document.querySelector("search [role=status]")?.textContent;
/** The option that a reader aloud is told of. */
const active = () => document.getElementById(field().getAttribute("aria-activedescendant") ?? "");

/** Texts that were asked for. */
function asked(): string[] {
  const texts: string[] = [];
  server.events.on("request:start", ({ request }) => {
    const { pathname, search } = new URL(request.url);
    if (pathname.endsWith("/titles")) texts.push(search);
  });
  return texts;
}

/** The dashboard with a text in the search's field. */
async function search(text: string, address = "/?catalogue=sample") {
  const page = open(address);
  await genres();
  await page.user.keyboard("/");
  expect(document.activeElement).toBe(field());
  await page.user.paste(text);
  return page;
}

describe("the search", () => {
  it("lists the titles found, best first, and says how many", async () => {
    await search("no ");
    const found = await options();
    expect(field().getAttribute("aria-expanded")).toBe("true");
    expect(document.getElementById(field().getAttribute("aria-controls") ?? "")).toBe(
      screen.getByRole("listbox"),
    );
    expect(found[0]?.textContent).toBe("Beyond the Ink Sumi no Kanata TV · Autumn 20269.03 score");
    await waitFor(() => expect(status()).toBe(`${found.length} titles found.`));
    expect(active()).toBe(found[0]);
    expect(found.filter((one) => one.getAttribute("aria-selected") === "true")).toEqual([found[0]]);
  });

  it("goes through the titles by the keys, and opens one with the same captures and names", async () => {
    const { user, path, search: address } = await search("no ", "/?catalogue=sample&names=romaji&kind=theme");
    const found = await options();
    await waitFor(() => expect(status()).toMatch(/found/));
    await user.keyboard("{ArrowDown}{ArrowDown}");
    expect(active()).toBe(found[2]);
    await user.keyboard("{End}");
    expect(active()).toBe(found.at(-1));
    await user.keyboard("{ArrowDown}");
    expect(active()).toBe(found[0]);
    await user.keyboard("{ArrowUp}{Home}{ArrowDown}");
    expect(active()).toBe(found[1]);
    const href = found[1]?.getAttribute("href");
    await user.keyboard("{Enter}");
    expect(`${path()}?${address()}`).toBe(href);
    expect(href).toMatch(/^\/title\/90\d\d\?catalogue=sample&names=romaji$/);
    expect(field().value).toBe("");
    expect(screen.queryByRole("listbox")).toBeNull();
    expect(document.activeElement).toBe(screen.getByRole("main"));
  });

  it("sets apart the names that are only like the text", async () => {
    const { user } = await search("the g");
    const all = await options();
    const guesses = within(screen.getByRole("group", { name: "Similar names" })).getAllByRole("option");
    expect(all[0]?.textContent).toContain("The Glass Engineer");
    expect(guesses[0]?.textContent).toContain("The Bureau of Daybreak Traffic");
    expect(all.at(-1)).toBe(guesses.at(-1));
    expect(all.length).toBeGreaterThan(guesses.length);
    await user.keyboard("{End}");
    expect(active()).toBe(guesses.at(-1));
    await user.clear(field());
    await user.paste("ink");
    await waitFor(async () => expect(await options()).toHaveLength(1));
    expect(screen.queryByRole("group", { name: "Similar names" })).toBeNull();
  });

  it("opens the best title as soon as it has come, where Enter was pressed before", async () => {
    const { user, path } = await search("salt wind");
    await user.keyboard("{Enter}");
    await waitFor(() => expect(path()).toBe("/title/9002"));
  });

  it("opens the title that is clicked", async () => {
    const { user, path } = await search("salt");
    await user.click((await options())[0] as HTMLElement);
    expect(path()).toBe("/title/9002");
  });

  it("closes on Escape, then forgets the text", async () => {
    const { user } = await search("ink");
    await options();
    await user.keyboard("{Escape}");
    expect([screen.queryByRole("listbox"), field().value]).toEqual([null, "ink"]);
    expect(field().getAttribute("aria-expanded")).toBe("false");
    await user.keyboard("{ArrowDown}");
    expect(await options()).toHaveLength(1);
    await user.keyboard("{Escape}{Escape}");
    expect(field().value).toBe("");
    await user.keyboard("ink");
    await options();
    await user.tab();
    expect(screen.queryByRole("listbox")).toBeNull();
  });

  it("names the title in the chosen script, and another name that matched", async () => {
    const { user } = await search("墨", "/?catalogue=sample&names=japanese");
    const shown = async () => within((await options())[0] as HTMLElement);
    expect((await shown()).getByText("墨の彼方").getAttribute("lang")).toBe("ja");
    expect((await shown()).queryByText("Sumi no Kanata")).toBeNull();
    await user.clear(field());
    await user.type(field(), "beyond");
    await waitFor(async () => expect((await shown()).getByText("Beyond the Ink")).toBeTruthy());
    await user.clear(field());
    await user.type(field(), "kanata");
    await waitFor(async () =>
      expect((await shown()).getByText("Sumi no Kanata").getAttribute("lang")).toBe("ja-Latn"),
    );
  });

  it("asks for nothing while nothing is typed, and for the text without the spaces around it", async () => {
    const texts = asked();
    const { user } = await search("  ");
    await user.paste("ink");
    await options();
    expect(texts).toEqual(["?catalogue=sample&q=ink&limit=10"]);
    expect(field().value).toBe("  ink");
  });

  it("gives up the request for a text that was typed on", async () => {
    const aborted = vi.fn();
    server.use(
      http.get(
        `${API}/titles`,
        ({ request }) => {
          request.signal.addEventListener("abort", aborted);
          return new Promise<Response>(() => {});
        },
        { once: true },
      ),
    );
    const texts = asked();
    const { user } = await search("in");
    await waitFor(() => expect(texts).not.toEqual([]));
    await user.keyboard("k");
    expect(await options()).toHaveLength(1);
    expect(aborted).toHaveBeenCalled();
  });

  it("looks for the beginning of an endless text, and says so", async () => {
    const texts = asked();
    const { user } = await search("x");
    await user.clear(field());
    await user.click(field());
    await user.paste("あ".repeat(10_000));
    expect(await screen.findByText(CUT)).toBeTruthy();
    await waitFor(() => expect(new URLSearchParams(texts.at(-1)).get("q")).toBe("あ".repeat(200)));
  });

  it("says that nothing is like the text", async () => {
    await search("qqqq");
    expect(await screen.findByText(/No title has a name like “qqqq”/)).toBeTruthy();
    expect(status()).toBe("No title found.");
    expect(field().getAttribute("aria-activedescendant")).toBeNull();
  });

  it("says after a while what it looks for", async () => {
    server.use(http.get(`${API}/titles`, () => new Promise<Response>(() => {})));
    await search("ink");
    expect(await screen.findByText("Looking for “ink”.")).toBeTruthy();
    expect(screen.getByRole("listbox").getAttribute("aria-busy")).toBe("true");
    expect(status()).toBe("");
  });

  it("says what failed, and tries again", async () => {
    server.use(
      http.get(
        `${API}/titles`,
        () => HttpResponse.json({ detail: "The database is away.", request_id: "7c1e" }, { status: 503 }),
        { once: true },
      ),
    );
    const { user } = await search("ink");
    const alert = await screen.findByRole("alert");
    expect(alert.textContent).toContain(
      "The titles could not be searched. The database is away. Request 7c1e.",
    );
    await user.click(within(alert).getByRole("button", { name: "Try again" }));
    expect(await options()).toHaveLength(1);
    expect(document.activeElement).toBe(field());
  });

  it("lets the keys try again, and names no list where there is none", async () => {
    server.use(http.get(`${API}/titles`, () => new HttpResponse(null, { status: 503 }), { once: true }));
    const { user } = await search("ink");
    const again = await screen.findByRole("button", { name: "Try again" });
    expect(field().getAttribute("aria-controls")).toBeNull();
    await user.tab();
    expect(document.activeElement).toBe(again);
    await user.keyboard("{Enter}");
    expect(await options()).toHaveLength(1);
    expect(document.activeElement).toBe(field());
  });

  it("keeps the titles of the text before until the new ones have come", async () => {
    const { user } = await search("no");
    const before = (await options()).length;
    const answer = holdBack("titles");
    const texts = asked();
    await user.keyboard(" fixed");
    await waitFor(() => expect(texts.at(-1)).toContain("fixed"));
    expect(await options()).toHaveLength(before);
    expect(status()).toBe("");
    await answer(foundTitles(NOW, "no fixed"));
    await waitFor(async () => expect(await options()).toHaveLength(1));
    expect(status()).toBe("1 title found.");
  });

  it("has a button where the header has no room for the field", async () => {
    const { user } = open();
    await genres();
    const button = screen.getByRole("button", { name: "Search titles" });
    await user.click(button);
    expect(document.activeElement).toBe(field());
    expect(button.getAttribute("aria-expanded")).toBe("true");
    await user.keyboard("{Escape}");
    expect(document.activeElement).toBe(button);
    expect(button.getAttribute("aria-expanded")).toBe("false");
  });
});

describe("what is looked for", () => {
  it("is the text without the spaces around it, cut between characters", () => {
    expect(wantedOf("  beyond  the ink ")).toEqual({ text: "beyond  the ink", isCut: false });
    expect(wantedOf(" \t\n")).toEqual({ text: "", isCut: false });
    expect(wantedOf("🎴".repeat(201))).toEqual({ text: "🎴".repeat(200), isCut: true });
    expect(wantedOf("🎴".repeat(200)).isCut).toBe(false);
  });
});

it("waits until nobody types", () => {
  vi.useFakeTimers();
  const { result, rerender } = renderHook(useSettled, { initialProps: "" });
  for (const text of ["i", "in", "ink"]) {
    rerender(text);
    act(() => void vi.advanceTimersByTime(70));
  }
  expect(result.current).toBe("");
  act(() => void vi.advanceTimersByTime(10));
  expect(result.current).toBe("ink");
});

describe("a key", () => {
  it("leads to another option, or to none", () => {
    expect(["ArrowDown", "ArrowUp", "Home", "End", "a"].map((key) => moved(key, 0, 3))).toEqual([
      1,
      2,
      0,
      2,
      null,
    ]);
    expect(["ArrowDown", "ArrowUp", "Home", "End"].map((key) => moved(key, 0, 0))).toEqual([0, 0, 0, 0]);
  });
});
