import { screen, waitFor, within } from "@testing-library/preact";
import { HttpResponse, http } from "msw";
import { beforeEach, describe, expect, it } from "vitest";
import {
  auditPath,
  deadLettersPath,
  JOBS_PATH,
  jobPath,
  ledgerPath,
  planPath,
} from "../../address/deadLetters.ts";
import { action, groups, JOB_ID, job, member, PLAN_ID, plan, SESSION } from "../../testing/operator.ts";
import { answerWith, OPERATOR, operate } from "../../testing/operatorServer.ts";
import { open } from "../../testing/page.tsx";
import { server } from "../../testing/server.ts";

const heading = (name: string | RegExp) => screen.findByRole("heading", { level: 1, name });

beforeEach(() => window.sessionStorage.clear());

describe("signing in", () => {
  const out = () => answerWith("session", { detail: "no operator" }, 401);

  it("is told to whoever is not", async () => {
    operate();
    out();
    open("/dead-letters/jobs");
    await heading("Dead letters are for operators");
    expect(screen.getByText("bin/query-api operator link NAME")).toBeTruthy();
    expect(screen.queryByRole("navigation", { name: "Dead letters" })).toBeNull();
  });

  it("takes the code out of the address, sends it and goes on to what was wanted", async () => {
    operate();
    out();
    const first = open("/dead-letters/ledger");
    await heading("Dead letters are for operators");
    await first.user.click(screen.getByRole("link", { name: "Overview" }));
    let code: unknown = null;
    server.use(
      http.post(`${OPERATOR}/session`, async ({ request }) => {
        code = await request.json();
        answerWith("session", SESSION);
        return HttpResponse.json(SESSION);
      }),
    );
    const { path } = open("/sign-in#one-time-code");
    await waitFor(() => expect(path()).toBe("/dead-letters/ledger"));
    expect(code).toEqual({ code: "one-time-code" });
    expect(window.location.href).not.toContain("one-time-code");
  });

  it("says why a link does not let in", async () => {
    operate();
    answerWith("session", { detail: "this sign-in link was used" }, 401);
    open("/sign-in#used-code");
    expect((await screen.findByRole("alert")).textContent).toContain("this sign-in link was used");
    expect(await heading("The link does not let you in")).toBeTruthy();
  });

  it("ends by leaving", async () => {
    const sent = operate();
    const { user } = open("/dead-letters/jobs");
    const leave = await screen.findByRole("button", { name: "Leave" });
    out();
    server.use(http.delete(`${OPERATOR}/session`, () => new HttpResponse(null, { status: 204 })));
    await user.click(leave);
    await heading("Dead letters are for operators");
    expect(sent).toEqual([]);
  });
});

describe("a plan", () => {
  it("says what would pass, why the others fail and what of the accepted rows", async () => {
    operate();
    open(planPath(PLAN_ID));
    await heading("Dry run: 897 of 900 would pass now");
    expect(screen.getByText(/Of the last 5,000 accepted rows/).textContent).toContain("none would now fail");
    const why = within(screen.getByRole("table", { name: "Why the others fail" }));
    expect(why.getByRole("row", { name: /\/score type .* 1$/ })).toBeTruthy();
    const rows = within(await screen.findByRole("table", { name: "Rows of the plan" }));
    expect(rows.getByText("changed since")).toBeTruthy();
  });

  it("is replayed in part or whole, with a reason", async () => {
    const sent = operate({ jobs: job() });
    const { user, path } = open(planPath(PLAN_ID));
    await user.click(await screen.findByRole("button", { name: "Replay 897 rows…" }));
    await user.click(screen.getByRole("radio", { name: /all 900/ }));
    await user.click(screen.getByRole("radio", { name: /the 897 that pass/ }));
    await user.clear(screen.getByRole("spinbutton", { name: "Rows a second" }));
    await user.type(screen.getByRole("spinbutton", { name: "Rows a second" }), "50");
    await user.type(screen.getByRole("textbox", { name: "Why" }), "1.5.0 is deployed");
    await user.click(screen.getByRole("button", { name: "Replay 897 rows" }));
    await waitFor(() => expect(path()).toBe(jobPath(JOB_ID)));
    expect(sent[0]?.body).toEqual({
      plan: PLAN_ID,
      members: "pass",
      rate: 50,
      canary: 10,
      stop_share: 0.05,
      reason: "1.5.0 is deployed",
    });
  });

  it("offers what can be replayed of what passes", async () => {
    operate();
    answerWith(`plans/${PLAN_ID}`, plan({ replayable: 2 }));
    open(planPath(PLAN_ID));
    expect(await screen.findByRole("button", { name: "Replay 2 rows…" })).toBeTruthy();
    expect(screen.getByText(/of those that pass can be replayed now/).textContent).toMatch(/^2 of those/);
  });

  it("of which nothing can be replayed offers nothing", async () => {
    operate();
    answerWith(`plans/${PLAN_ID}`, plan({ replayable: 0 }));
    open(planPath(PLAN_ID));
    expect(await screen.findByText(/^None of those that pass can be replayed now/)).toBeTruthy();
    expect(screen.queryByRole("button", { name: /^Replay/ })).toBeNull();
  });

  it.each([
    [7, "7 rows that fail"],
    [1, "1 row that fails"],
  ])("of which none of %i passes offers a replay, and not as the next thing to do", async (items, rows) => {
    operate();
    answerWith(`plans/${PLAN_ID}`, plan({ items, passes: 0, fails: items, replayable: 0 }));
    const { user } = open(planPath(PLAN_ID));
    const button = await screen.findByRole("button", { name: `Replay ${rows}…` });
    expect(button.className).toBe(screen.getByRole("button", { name: "Make a new dry run" }).className);
    await user.click(button);
    const form = within(screen.getByRole("form", { name: `Replay ${rows}` }));
    expect(form.queryByRole("radio")).toBeNull();
  });

  it("by a schema that is not deployed is not replayed", async () => {
    operate();
    answerWith(`plans/${PLAN_ID}`, plan({ schema: "anime.v1", deployed: false, accepted_failing: 2 }));
    open(planPath(PLAN_ID));
    await heading("Dry run: 897 of 900 would pass with anime.v1");
    expect(screen.getByText(/is not deployed: once it is/)).toBeTruthy();
    expect(screen.queryByRole("button", { name: /^Replay/ })).toBeNull();
  });

  it("that has been replayed says nothing of a replay to come", async () => {
    operate();
    answerWith(`plans/${PLAN_ID}`, plan({ deployed: false, job: JOB_ID }));
    open(planPath(PLAN_ID));
    expect(await screen.findByRole("link", { name: "Its replay" })).toBeTruthy();
    expect(screen.queryByText(/is not deployed/)).toBeNull();
  });

  it("is made anew by a schema that somebody chooses; what is none is refused", async () => {
    const sent = operate({ plans: plan() });
    const { user } = open(planPath(PLAN_ID));
    const field = await screen.findByLabelText(/Judge by another schema/);
    await user.upload(field, new File(["{}"], "mine.json", { type: "application/json" }));
    expect((await screen.findByRole("alert")).textContent).toContain("called like anime.v1.json");
    await user.upload(field, new File(["{ not"], "anime.v1.json", { type: "application/json" }));
    expect(await screen.findByText(/This file is no JSON/)).toBeTruthy();
    await user.upload(field, new File(['{"type":"object"}'], "anime.v1.json", { type: "application/json" }));
    await screen.findByText(/which is not deployed/);
    await user.click(screen.getByRole("button", { name: "Make a new dry run" }));
    await waitFor(() =>
      expect(sent[0]?.body).toEqual({
        filter: plan().filter,
        expect: null,
        schema: { name: "anime.v1", text: '{"type":"object"}' },
      }),
    );
  });
});

describe("a plan with steps", () => {
  const STEPS = [
    { op: "replace", path: "/aired/from", pattern: "$", with: "T00:00:00+00:00" },
    { op: "set", path: "/score", value: null },
  ];

  it("shows what they make of each row, and why one does not apply", async () => {
    const sent = operate({ plans: plan() });
    answerWith(`plans/${PLAN_ID}`, plan({ steps: STEPS, passes: 899, fails: 1 }));
    const fault = { path: "/aired/from", keyword: "step", message: "step 1: nothing is at /aired/from" };
    const members = [
      member(13),
      member(14, { verdict: "fail", faults: [fault], texts: { before: "{}", after: null } }),
      member(15, { texts: null }),
      member(16, { texts: { before: "{}", after: "{}" } }),
    ];
    answerWith(`plans/${PLAN_ID}/members`, { members, next_cursor: null });
    const { user } = open(planPath(PLAN_ID, "all"));
    const steps = within(await screen.findByRole("list", { name: "Changes before the dry run" }));
    expect(steps.getAllByRole("listitem").map((step) => step.textContent)).toEqual([
      "Replace $ in /aired/from by T00:00:00+00:00",
      "Set /score to null",
    ]);
    const rows = await screen.findByRole("list", { name: "What becomes of each row" });
    const [passing, failing, hidden, same] = [...rows.children] as HTMLElement[];
    expect(passing?.querySelector("del")?.textContent).toBe("2026-10-18");
    expect(passing?.querySelector("ins")?.textContent).toContain("2026-10-18T00");
    expect(within(passing as HTMLElement).getByText("The whole text")).toBeTruthy();
    expect(failing?.textContent).toContain("step 1: nothing is at /aired/from");
    expect(hidden?.textContent).toContain("Its text is not shown here");
    expect(same?.textContent).toContain("The steps change nothing in it.");
    const change = screen.getByRole("link", { name: "Change the steps" }).getAttribute("href") ?? "";
    expect(new URL(change, "http://page").searchParams.get("steps")).toBe(
      '[["replace","/aired/from","$","T00:00:00+00:00"],["set","/score","null"]]',
    );
    await user.click(screen.getByRole("button", { name: "Make a new dry run" }));
    await waitFor(() => expect(sent[0]?.body).toMatchObject({ steps: STEPS }));
  });
});

describe("a replay", () => {
  it("shows how far it is, and is paused by number", async () => {
    const sent = operate();
    const { user } = open(jobPath(JOB_ID));
    await heading("Replaying: 396 of 897 rows resolved, 3 failed again");
    expect(screen.getByRole("progressbar").getAttribute("aria-valuenow")).toBe("400");
    expect(screen.getByRole("list", { name: "Skipped" }).textContent).toBe("1 skipped: discarded");
    expect(screen.getByText(/joined after the plan was frozen/).textContent).toContain("4 rows");
    await user.click(screen.getByRole("button", { name: "Pause 400 waiting rows" }));
    await waitFor(() => expect(sent[0]).toMatchObject({ method: "POST", path: `jobs/${JOB_ID}/pause` }));
    const failed = screen.getByRole("link", { name: "Show what failed again" }).getAttribute("href") ?? "";
    expect(new URL(failed, "http://page").searchParams.get("filter")).toBe(
      `job:${JOB_ID} state:failed,quarantined`,
    );
  });

  it("is watched until it has ended, and so are the counts above it", async () => {
    operate();
    open(jobPath(JOB_ID));
    await heading(/Replaying/);
    await screen.findByRole("link", { name: "Open 903" });
    const facets = { ...groups().facets, state: [{ value: "open", items: 6 }] };
    answerWith("dead-letters/groups", groups({ facets }));
    const counts = { members: 897, waiting: 0, published: 0, resolved: 897, failed: 0, skipped: 0 };
    answerWith(`jobs/${JOB_ID}`, job({ state: "done", counts, ended_at: "2026-11-23T06:43:00Z" }));
    await heading("All 897 rows are resolved");
    expect(screen.queryByRole("button", { name: /Cancel|Pause/ })).toBeNull();
    // Sooner than they are looked at by themselves.
    await screen.findByRole("link", { name: "Open 6" });
  });
});

describe("what nobody knows", () => {
  const jobs = "All replays and dry runs";

  it.each([
    ["replay", jobPath(JOB_ID), `jobs/${JOB_ID}`],
    ["dry run", planPath(PLAN_ID), `plans/${PLAN_ID}`],
  ])("is said of a %s, with the way to those that are", async (what, address, path) => {
    operate();
    answerWith(path, { detail: "it is not known" }, 404);
    open(address);
    await heading(`No ${what} has this number`);
    expect(screen.getByRole("link", { name: jobs }).getAttribute("href")).toBe(JOBS_PATH);
    expect(screen.queryByText(/could not be read/)).toBeNull();
    expect(screen.queryByRole("button", { name: "Try again" })).toBeNull();
  });

  it("is said of a dry run beside the list, which can be put away", async () => {
    operate();
    answerWith(`plans/${PLAN_ID}`, { detail: "no plan has this id" }, 404);
    const { user } = open(deadLettersPath("state:open", { plan: PLAN_ID }));
    const box = within(await screen.findByRole("region", { name: "Dry run" }));
    expect(await box.findByRole("heading", { name: "No dry run has this number" })).toBeTruthy();
    expect(box.getByRole("link", { name: jobs })).toBeTruthy();
    await user.click(box.getByRole("button", { name: "Put away" }));
    expect(await screen.findByRole("heading", { name: /^What would become of/ })).toBeTruthy();
    expect(screen.queryByRole("button", { name: "Try again" })).toBeNull();
  });
});

describe("the lists", () => {
  it("have every replay", async () => {
    operate();
    open(JOBS_PATH);
    await heading("1 replay under way");
    expect(
      await screen.findByRole("row", { name: /night-shift schema 1\.5\.0 is deployed runs 897 396 3/ }),
    ).toBeTruthy();
  });

  it("have who did what, and what AUDIT has not yet", async () => {
    operate();
    open(auditPath());
    await heading("Who did what, and why");
    expect(screen.getByText("1 action on the way to the stream AUDIT.")).toBeTruthy();
    const table = within(await screen.findByRole("table", { name: "Actions" }));
    expect(table.getByText(/empty upstream too/)).toBeTruthy();
    expect(table.getByText("not yet")).toBeTruthy();
    expect(table.getByText("owner: none, state: done, resolved: 97")).toBeTruthy();
  });

  it("have what an edit changed, and when to the second", async () => {
    operate();
    const edit = action({ action: "edit", before: '{"score":7.5}', detail: { text: '{"score":8.5}' } });
    answerWith("audit", { actions: [edit], next_cursor: null, unsent: 0 });
    open(auditPath());
    const table = within(await screen.findByRole("table", { name: "Actions" }));
    expect(table.getByText("06:40:02 UTC").closest("time")?.textContent).toBe("23 Nov 2026, 06:40:02 UTC");
    expect(table.getByText("7.5", { selector: "del *" })).toBeTruthy();
    expect(table.getByText("8.5", { selector: "ins *" })).toBeTruthy();
  });

  it("have the runs that do not balance, with the places", async () => {
    operate();
    open(ledgerPath());
    await heading("1 run does not balance");
    expect(await screen.findByText("page 3 row 14")).toBeTruthy();
  });
});
