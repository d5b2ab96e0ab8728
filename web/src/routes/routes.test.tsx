import { screen, waitFor, within } from "@testing-library/preact";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { genres, open } from "../testing/page.tsx";
import { NOW } from "../testing/server.ts";

beforeEach(() => {
  vi.useFakeTimers({ now: NOW, toFake: ["Date"] });
});

describe("the pages", () => {
  it.each([
    ["/title/9001?catalogue=sample", /Bureau of Daybreak/],
    ["/journey/17/5612?catalogue=sample&title=9001", /5612/],
  ])("at %s stand in one layout", async (address, heading) => {
    open(address);
    expect(await screen.findByRole("heading", { level: 1, name: heading })).toBeTruthy();
    const banner = within(screen.getByRole("banner"));
    expect(await banner.findByText("today at 04:12 UTC")).toBeTruthy();
    expect(banner.getByRole("combobox", { name: "Catalogue" })).toBeTruthy();
    expect(banner.getByRole("link", { name: "Overview" }).getAttribute("aria-current")).toBeNull();
    expect(screen.getByRole("contentinfo")).toBeTruthy();
  });

  it.each(["/title/0", "/title/", "/title/12345678901", "/title/one", "/journey/17", "/journey/17/x"])(
    "do not stand at %s",
    async (address) => {
      open(address);
      expect(await screen.findByRole("heading", { name: "Nothing stands at this address" })).toBeTruthy();
    },
  );

  it("are reached by plain links, which keep the captures, and left by going back", async () => {
    const { user, path, search, back } = open("/title/9001?catalogue=sample&names=romaji&range=30");
    await screen.findByRole("heading", { level: 1, name: "Yoake no Kōtsūkyoku" });
    await user.click(screen.getByRole("link", { name: "Overview" }));
    await genres();
    expect([path(), search().toString()]).toEqual(["/", "catalogue=sample&names=romaji"]);
    expect(document.activeElement).toBe(screen.getByRole("main"));
    expect(document.title).not.toContain("Yoake");
    back();
    await screen.findByRole("heading", { level: 1, name: "Yoake no Kōtsūkyoku" });
    await waitFor(() => expect(search().get("range")).toBe("30"));
  });

  it("are scrolled to the part that the address names, once it has come", async () => {
    const scrolled = vi.spyOn(Element.prototype, "scrollIntoView").mockImplementation(() => {});
    open("/title/9000?catalogue=sample#weeks");
    await waitFor(() => expect(scrolled).toHaveBeenCalled());
    expect(scrolled.mock.contexts[0]).toBe(document.getElementById("weeks"));
  });

  it("leave a link that opens elsewhere to the browser", async () => {
    const { user, path } = open("/title/9001");
    const left = vi.fn((event: Event) => event.preventDefault());
    window.addEventListener("click", left);
    await user.keyboard("{Control>}");
    await user.click(await screen.findByRole("link", { name: "Overview" }));
    await user.keyboard("{/Control}");
    await user.click(screen.getByRole("link", { name: "API" }));
    window.removeEventListener("click", left);
    expect(path()).toBe("/title/9001");
    expect(left).toHaveBeenCalledTimes(2);
  });
});
