import { screen, waitFor, within } from "@testing-library/preact";
import { describe, expect, it } from "vitest";
import { deadLettersPath, itemPath } from "../../address/deadLetters.ts";
import {
  action,
  detail,
  FAULT,
  item,
  JOB_ID,
  job,
  PLAN_ID,
  plan,
  rootOf,
  TEXT,
} from "../../testing/operator.ts";
import { answerWith, operate } from "../../testing/operatorServer.ts";
import { open } from "../../testing/page.tsx";

const ROOT = rootOf(13);
const ADDRESS = itemPath(ROOT);
const ACTS = `dead-letters/${ROOT}`;

const act = async (user: ReturnType<typeof open>["user"], name: string, why: string) => {
  await user.click(await screen.findByRole("button", { name }));
  const form = within(screen.getByRole("form"));
  await user.type(form.getByRole("textbox", { name: "Why" }), why);
  await user.click(form.getByRole("button", { name: new RegExp(name.replace("this", "(this|1)")) }));
};

describe("a dead letter", () => {
  it("shows its bytes with the failing place marked, and the rule in words", async () => {
    operate();
    open(ADDRESS);
    expect(await screen.findByText('"2026-10-18"', { selector: "mark *" })).toBeTruthy();
    expect(screen.getByRole("note").textContent).toBe(
      `wants text that matches ^\\d{4}-\\d{2}-\\d{2}T; passes now line 1, column ${FAULT.column}`,
    );
    expect(screen.getByText("open, would pass now")).toBeTruthy();
    expect(screen.getByText("bin/nats stream get DLQ 88")).toBeTruthy();
    expect(screen.getByRole("link", { name: "RAW 61,204" }).getAttribute("href")).toBe("/journey/16/61204");
    expect(screen.getByRole("link", { name: "Download bytes" }).getAttribute("href")).toContain("/body");
    expect(screen.getByText(/Rejected at validate by validator 0\.9\.2/)).toBeTruthy();
    expect(screen.getByText("U+001B")).toBeTruthy();
  });

  it("tells each fault that is left from one that the schemas let pass now", async () => {
    operate();
    const at = TEXT.indexOf('"Zero-ban');
    const other = { ...FAULT, path: "/title", keyword: "type", message: null, start: at, end: at + 10 };
    const left = { ...other, message: "it is not a number" };
    const now = { passes: false, judge: "j", faults: [left] };
    answerWith(ACTS, detail({ faults: [FAULT, other], now }));
    open(ADDRESS);
    const notes = (await screen.findAllByRole("note")).map(({ textContent }) => textContent);
    expect(notes[0]).toMatch(/^it is not a number line 1/);
    expect(notes[1]).toMatch(/; passes now line 1/);
  });

  it("is text, whatever it holds", async () => {
    operate();
    const text = '{"title":"<img src=x onerror=alert(1)>\u202e"}';
    const hostile = item(13, { title: "<b>x</b>\u202e", message: "<script>1</script>" });
    answerWith(
      ACTS,
      detail({ item: hostile, text, faults: [], now: { passes: false, judge: "j", faults: [] } }),
    );
    open(ADDRESS);
    expect(await screen.findByText(/<img src=x onerror=alert\(1\)>/)).toBeTruthy();
    expect(screen.getByRole("heading", { level: 2 }).textContent).toContain("<b>x</b>⟨U+202E⟩");
    expect(document.querySelector("main img, main script")).toBeNull();
    expect(document.querySelector("main")?.textContent).not.toContain("\u202e");
  });

  it("is discarded with the version that was seen", async () => {
    const sent = operate({ [`${ACTS}/discard`]: { item: item(13, { state: "discarded", version: 2 }) } });
    const { user } = open(ADDRESS);
    await act(user, "Discard this row", "empty upstream too");
    await waitFor(() => expect(sent).toHaveLength(1));
    expect(sent[0]).toEqual({
      method: "POST",
      path: `${ACTS}/discard`,
      csrf: "csrf-of-the-session",
      body: { version: 1, reason: "empty upstream too" },
    });
  });

  it("says what another operator did first, and shows itself anew", async () => {
    operate();
    const { user } = open(ADDRESS);
    await screen.findByRole("button", { name: "Discard this row" });
    answerWith(`${ACTS}/discard`, { detail: "day-shift discarded it at 06:40" }, 409);
    answerWith(ACTS, detail({ item: item(13, { state: "discarded", version: 2 }) }));
    await act(user, "Discard this row", "mine");
    const alert = await screen.findByRole("alert");
    expect(alert.textContent).toContain("Not done: it has changed. day-shift discarded it at 06:40");
    expect(await screen.findByRole("button", { name: "Restore this row" })).toBeTruthy();
  });

  it("is edited as text: judged while somebody types, the difference shown, then saved", async () => {
    const bad = TEXT.replace('"2026-10-18"', '""');
    const sent = operate({
      "dead-letters/check": { passes: false, judge: "j", faults: [{ ...FAULT, message: '"" is too short' }] },
    });
    answerWith(ACTS, detail({ now: { passes: false, judge: "j", faults: [FAULT] } }));
    const { user } = open(ADDRESS);
    await user.click(await screen.findByRole("button", { name: "Edit" }));
    const area = (await screen.findByRole("textbox", { name: "Body" })) as HTMLTextAreaElement;
    expect(screen.getByText("1 fault:")).toBeTruthy();
    await user.click(screen.getByRole("button", { name: "Go there" }));
    expect(area.value.slice(area.selectionStart, area.selectionEnd)).toBe('"2026-10-18"');
    await user.keyboard('""');
    expect(area.value).toBe(bad);
    expect(await screen.findByText(/"" is too short/)).toBeTruthy();
    expect(
      within(screen.getByRole("region", { name: "What you have changed" })).getByText("2026-10-18"),
    ).toBeTruthy();
    await user.type(screen.getByRole("textbox", { name: "Why" }), "as the site says");
    expect((screen.getByRole("button", { name: /^Save the edit/ }) as HTMLButtonElement).disabled).toBe(true);
    await user.click(screen.getByRole("button", { name: "Save it though it fails" }));
    await waitFor(() =>
      expect(sent.at(-1)).toMatchObject({
        path: `${ACTS}/edit`,
        body: { version: 1, text: bad, reason: "as the site says", force: true },
      }),
    );
  });

  describe("whose edit is stored", () => {
    const wrong = TEXT.replace('"2026-10-18"', '"2026-10-19T00:00:00+00:00"');
    const edit = action({ id: 7, action: "edit", reason: "a guess", detail: { text: wrong }, before: TEXT });
    const stored = { epoch: 16, seq: 61_300, n: 1, edit: 7, stands: true };
    const resolved = (change: Parameters<typeof item>[1] = {}) =>
      item(13, { state: "resolved", edited: true, version: 4, ...change });
    const answer = (change: Parameters<typeof detail>[0] = {}) =>
      answerWith(
        ACTS,
        detail({ item: resolved(), text: wrong, original: TEXT, stored, actions: [edit], ...change }),
      );

    it("is corrected with the version and the stored row that were seen", async () => {
      const sent = operate({ "dead-letters/check": { passes: true, judge: "j", faults: [] } });
      answer();
      const { user } = open(ADDRESS);
      expect(await screen.findByText("resolved")).toBeTruthy();
      expect(screen.getByRole("link", { name: "RAW 61,300" }).getAttribute("href")).toBe("/journey/16/61300");
      await user.click(screen.getByRole("button", { name: "Correct what is stored" }));
      const area = (await screen.findByRole("textbox", { name: "Body" })) as HTMLTextAreaElement;
      const at = wrong.indexOf("2026-10-19");
      area.setSelectionRange(at, at + 10);
      await user.keyboard("2026-10-18");
      await user.type(screen.getByRole("textbox", { name: "Why" }), "the 18th");
      await screen.findByText("It would pass now.");
      await user.click(screen.getByRole("button", { name: "Save the correction of 1 row" }));
      const text = wrong.replace("2026-10-19", "2026-10-18");
      await waitFor(() =>
        expect(sent.at(-1)).toMatchObject({
          path: `${ACTS}/correct`,
          body: { version: 4, text, reason: "the 18th", stored: { epoch: 16, seq: 61_300 } },
        }),
      );
    });

    it("shows a correction that waits, to be replayed or taken back", async () => {
      const sent = operate();
      answer({ item: resolved({ correction: "waiting" }), text: TEXT });
      const { user } = open(ADDRESS);
      await screen.findByText("resolved, its correction waits for a replay");
      const changes = within(screen.getByRole("region", { name: "What the correction changes" }));
      expect(changes.getByText(/19T00:00:00\+00:00/)).toBeTruthy();
      expect(screen.getByRole("button", { name: "Replay this row" })).toBeTruthy();
      await act(user, "Take the correction back", "it was right");
      await waitFor(() => expect(sent.at(-1)?.path).toBe(`${ACTS}/revert`));
    });

    it("cannot be corrected once other facts took its place", async () => {
      operate();
      answer({ stored: { ...stored, stands: false } });
      open(ADDRESS);
      expect(await screen.findByText(/overwritten since/)).toBeTruthy();
      expect(screen.queryByRole("button", { name: "Correct what is stored" })).toBeNull();
    });
  });

  it("is replayed by a plan and a job of its own", async () => {
    const sent = operate({ plans: plan({ items: 1, passes: 0, state: "requested" }), jobs: job() });
    answerWith(`plans/${PLAN_ID}`, plan({ items: 1, passes: 1, fails: 0 }));
    const { user, path } = open(ADDRESS);
    await act(user, "Replay this row", "deployed");
    await waitFor(() => expect(path()).toBe(`/dead-letters/jobs/${JOB_ID}`));
    expect(sent.map(({ body }) => body)).toEqual([
      { roots: [ROOT], expect: 1 },
      { plan: PLAN_ID, members: "pass", rate: 200, canary: 0, stop_share: 1, reason: "deployed" },
    ]);
  });

  it("is replayed by force when it is quarantined", async () => {
    const sent = operate({ plans: plan({ items: 1 }), jobs: job() });
    answerWith(ACTS, detail({ item: item(13, { state: "quarantined", failures: 3 }) }));
    answerWith(`plans/${PLAN_ID}`, plan({ items: 1, passes: 1, fails: 0 }));
    const { user, path } = open(ADDRESS);
    await act(user, "Replay this row", "the database is mended");
    await waitFor(() => expect(path()).toBe(`/dead-letters/jobs/${JOB_ID}`));
    expect(sent.at(-1)?.body).toMatchObject({ plan: PLAN_ID, members: "pass", force: true });
  });

  it("that would still fail is not replayed unasked", async () => {
    const sent = operate({ plans: plan({ items: 1 }) });
    answerWith(`plans/${PLAN_ID}`, plan({ items: 1, passes: 0, fails: 1 }));
    const { user } = open(ADDRESS);
    await act(user, "Replay this row", "try");
    expect(await screen.findByRole("button", { name: "Replay 1 row all the same" })).toBeTruthy();
    expect(sent).toHaveLength(1);
  });

  it("that nobody knows is said so", async () => {
    operate();
    answerWith(ACTS, { detail: "no dead letter has the root x" }, 404);
    open(ADDRESS);
    expect(
      await screen.findByRole("heading", { level: 1, name: "No dead letter has this root" }),
    ).toBeTruthy();
    const list = screen.getByRole("link", { name: "All that are open" });
    expect(list.getAttribute("href")).toBe(deadLettersPath());
  });
});
