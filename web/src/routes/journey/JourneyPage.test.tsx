import { screen, within } from "@testing-library/preact";
import { HttpResponse, http } from "msw";
import { describe, expect, it } from "vitest";
import { action, detail, rootOf } from "../../testing/operator.ts";
import { answerWith, operate } from "../../testing/operatorServer.ts";
import { open } from "../../testing/page.tsx";
import { API, server } from "../../testing/server.ts";
import { journey } from "../../testing/titlePage.ts";

const ADDRESS = "/journey/1790000000000/53049";

describe("the journey of a page", () => {
  it("tells where it comes from and when each step took it on", async () => {
    open(`${ADDRESS}?title=9000`);
    expect(
      await screen.findByRole("heading", { level: 1, name: "The journey of RAW message 53049" }),
    ).toBeTruthy();
    expect(await screen.findByText(/^Page 2 of 41 of top\.score, captured on/)).toBeTruthy();
    expect(screen.getByText("number 12 in the page, 37 in the run")).toBeTruthy();
    expect(screen.getByText("bin/nats stream get RAW 53049")).toBeTruthy();
    expect(screen.getByText(/^raw-.*zst$/)).toBeTruthy();
    expect(screen.getByRole("link", { name: "title 9000" }).getAttribute("href")).toBe("/title/9000");
    expect(screen.queryByRole("link", { name: /Open the trace/ })).toBeNull();
  });

  it("links the trace where a backend keeps it, and no other kind of address", async () => {
    const traced = (trace_url: string) => {
      const answer = journey(53_049, null);
      return { ...answer, data: { ...answer.data, trace_url } };
    };
    server.use(
      http.get(`${API}/journey/*/*`, () => HttpResponse.json(traced("https://traces.example/t/4f1c"))),
    );
    open(ADDRESS);
    const link = await screen.findByRole("link", { name: /Open the trace/ });
    expect(link.getAttribute("href")).toBe("https://traces.example/t/4f1c");
  });

  it("tells of a replay which row it is and what became of it", async () => {
    const answer = journey(53_049, null);
    const counts = { received: 0, accepted: 1, stored: 1, duplicate: 0 };
    const data = { ...answer.data, ...counts, page: 3, replay_root: rootOf(10) };
    server.use(http.get(`${API}/journey/*/*`, () => HttpResponse.json({ ...answer, data })));
    open(ADDRESS);
    const said = await screen.findByText(/^The replay of row 11 of page 3 of top\.score, captured on/);
    expect(said.textContent).toMatch(/: accepted and stored\.$/);
    expect(screen.getByText("the row was accepted")).toBeTruthy();
    expect(screen.queryByText(/rows received|of 0 rows/)).toBeNull();
  });

  describe("of an edited row", () => {
    const edit = { id: 17, action: "edit" as const, at: "2026-11-23T09:30:05Z", reason: "a day is missing" };
    const edited = () => {
      const answer = journey(53_049, null);
      const data = { ...answer.data, replay_root: rootOf(13), edit: edit.id, edited_at: edit.at };
      return http.get(`${API}/journey/*/*`, () => HttpResponse.json({ ...answer, data }));
    };
    const fact = async () =>
      (await screen.findByText("Edited", { selector: "dt" })).parentElement as HTMLElement;

    it("says so to everybody, and not who did it", async () => {
      operate();
      answerWith("session", { detail: "no operator" }, 401);
      server.use(edited());
      open(ADDRESS);
      const said = await fact();
      expect(said.textContent).toBe("Editedby an operator on 23 Nov 2026, 09:30 UTC");
      expect(within(said).queryByRole("link")).toBeNull();
    });

    it("says who and why, and leads to the dead letter, where an operator is signed in", async () => {
      operate();
      server.use(edited());
      answerWith(`dead-letters/${rootOf(13)}`, detail({ actions: [action(edit)] }));
      open(ADDRESS);
      const said = await fact();
      await within(said).findByText("night-shift");
      expect(said.textContent).toContain("by night-shift on 23 Nov 2026, 09:30 UTC: a day is missing");
      const link = within(said).getByRole("link", { name: "Its dead letter" });
      expect(link.getAttribute("href")).toBe(`/dead-letters/items/${encodeURIComponent(rootOf(13))}`);
    });
  });

  it("has clear words for a position of which nothing is known", async () => {
    const detail = "no page at 2 of the stream made at 1 is stored";
    server.use(http.get(`${API}/journey/*/*`, () => HttpResponse.json({ detail }, { status: 404 })));
    open("/journey/1/2");
    expect(
      await screen.findByRole("heading", { level: 1, name: "No stored page has this position" }),
    ).toBeTruthy();
    expect(screen.getByText("No page at 2 of the stream made at 1 is stored.")).toBeTruthy();
    expect(screen.getByText(/RAW may hold it all the same/)).toBeTruthy();
  });

  it("says what failed", async () => {
    server.use(http.get(`${API}/journey/*/*`, () => new HttpResponse(null, { status: 500 })));
    open(ADDRESS);
    expect(await screen.findByText(/The journey could not be read/)).toBeTruthy();
  });

  it.each(["/journey/x/1", "/journey/1/-1", "/journey/1"])("does not stand at %s", async (address) => {
    open(address);
    expect(await screen.findByRole("heading", { name: "Nothing stands at this address" })).toBeTruthy();
  });
});
