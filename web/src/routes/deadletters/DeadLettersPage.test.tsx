import { screen, waitFor, within } from "@testing-library/preact";
import { HttpResponse, http } from "msw";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { deadLettersPath } from "../../address/deadLetters.ts";
import { group, groups, item, items, PLAN_ID, plan, rootOf } from "../../testing/operator.ts";
import { answerWith, OPERATOR, operate } from "../../testing/operatorServer.ts";
import { open } from "../../testing/page.tsx";
import { server } from "../../testing/server.ts";

const GROUP = "state:open reason:schema path:/aired/from keyword:pattern";

beforeEach(() => {
  vi.useFakeTimers({ now: new Date("2026-11-23T07:00:00Z"), toFake: ["Date"] });
});

const heading = (name: string | RegExp) => screen.findByRole("heading", { level: 1, name });

describe("the dead letters", () => {
  it("say what happened, how many there are of each state, and which groups there are", async () => {
    operate();
    open("/dead-letters");
    await heading("903 rows wait since 02:03 UTC for three faults");
    const tabs = within(screen.getByRole("navigation", { name: "Dead letters" }));
    expect(tabs.getByRole("link", { name: "Open 903" }).getAttribute("aria-current")).toBe("page");
    expect(tabs.getByRole("link", { name: "Resolved 12,411" }).getAttribute("href")).toBe(
      "/dead-letters?filter=state%3Aresolved",
    );
    const list = within(screen.getByRole("region", { name: "Groups" }));
    expect(list.getByText("regressed")).toBeTruthy();
    expect(list.getByText("Wait for the new column")).toBeTruthy();
    expect(screen.getAllByText("Tanuki ⟨U+202E⟩Weather⟨U+202C⟩ Station").length).toBeGreaterThan(0);
  });

  it("are narrowed by a group, whose name, note and holder stand there", async () => {
    const sent = operate({ "dead-letters/groups/4": group({ version: 1, note: "asked upstream" }) });
    const { user, search } = open("/dead-letters");
    await user.click(await screen.findByRole("link", { name: /schema.*\/aired\/from.*pattern/ }));
    await heading("900 rows wait since 02:03 UTC for one fault");
    expect(search().get("filter")).toBe(GROUP);
    await user.type(screen.getByRole("textbox", { name: "Note" }), "asked upstream");
    await user.click(screen.getByRole("button", { name: "Save note" }));
    await user.click(screen.getByRole("button", { name: "I look after it" }));
    await waitFor(() => expect(sent).toHaveLength(2));
    expect(sent[0]).toMatchObject({
      method: "PATCH",
      path: "dead-letters/groups/4",
      csrf: "csrf-of-the-session",
      body: { version: 0, note: "asked upstream", link: null },
    });
    expect(sent[1]?.body).toEqual({ version: 0, owner: "night-shift" });
  });

  it("count the faults of what is shown, not of all", async () => {
    operate();
    open(deadLettersPath("state:open path:/aired/*"));
    await heading(/for one fault$/);
    expect(screen.getAllByRole("link", { name: /^(schema|db_data|not_json)/ }).length).toBeGreaterThan(2);
  });

  it("are counted in the facets by the whole filter, while the other groups stay in sight", async () => {
    operate();
    const facets = { ...groups().facets, dataset: [{ value: "top.score", items: 4 }] };
    server.use(
      http.get(`${OPERATOR}/dead-letters/groups`, ({ request }) => {
        const filter = new URL(request.url).searchParams.get("filter") ?? "";
        return HttpResponse.json(groups(filter.includes("path:/score") ? { groups: [], facets } : {}));
      }),
    );
    open(deadLettersPath("state:open path:/score"));
    await heading(/for one fault$/);
    const dataset = within(screen.getByRole("region", { name: "Dataset" }));
    await waitFor(() =>
      expect(dataset.getAllByRole("button").map((button) => button.textContent)).toEqual(["top.score4"]),
    );
    expect(screen.getByRole("link", { name: /^not_json/ })).toBeTruthy();
  });

  it("say that the facets could not be read where only the groups could", async () => {
    operate();
    server.use(
      http.get(`${OPERATOR}/dead-letters/groups`, ({ request }) =>
        request.url.includes("keyword") ? HttpResponse.json({ detail: "late" }, { status: 503 }) : undefined,
      ),
    );
    open(deadLettersPath(GROUP));
    expect(await screen.findByText("The facets could not be read.")).toBeTruthy();
    expect(await screen.findByRole("link", { name: /^not_json/ })).toBeTruthy();
  });

  it("are filtered by text, and a wrong one is marked at its column", async () => {
    operate();
    const { user, search } = open("/dead-letters");
    await heading(/903 rows/);
    answerWith("dead-letters", { detail: 'filter: column 12: unknown key "colour"', column: 12 }, 400);
    const field = screen.getByRole("textbox", { name: "Filter" });
    await user.clear(field);
    await user.type(field, "state:open colour:red page:3{Enter}");
    expect(await screen.findByText('Column 12: unknown key "colour"')).toBeTruthy();
    expect(screen.getByText("colour:red").tagName).toBe("MARK");
    expect(screen.getByRole("textbox", { name: "Filter" }).getAttribute("aria-invalid")).toBe("true");
    expect(search().get("filter")).toBe("state:open colour:red page:3");
  });

  it("are all shown by an empty filter, which its command says too", async () => {
    operate();
    const { user, search } = open("/dead-letters");
    await heading(/903 rows/);
    const write = vi.spyOn(navigator.clipboard, "writeText").mockResolvedValue();
    await user.click(screen.getByRole("button", { name: "Copy as command" }));
    expect(write).toHaveBeenCalledWith("bin/kansoku dlq ls 'state:open'");
    await user.clear(screen.getByRole("textbox", { name: "Filter" }));
    await user.click(screen.getByRole("button", { name: "Filter" }));
    await heading("903 rows could not be stored for three faults");
    expect(search().get("filter")).toBe("any");
  });

  it("are walked through and dry-run by the keyboard", async () => {
    const sent = operate({ plans: plan({ state: "requested" }) });
    const { user, search } = open("/dead-letters");
    await heading(/903 rows/);
    await user.keyboard("jj");
    expect(document.activeElement?.textContent).toContain("Ghost of Platform Zero");
    await user.keyboard("k");
    expect(document.activeElement?.textContent).toContain("Tanuki");
    await user.keyboard("{Enter}");
    await waitFor(() => expect(search().get("item")).toBe(rootOf(13)));
    await user.keyboard("d");
    await screen.findByRole("heading", { name: "Dry run: 897 of 900 would pass now" });
    expect(sent).toEqual([
      {
        method: "POST",
        path: "plans",
        csrf: "csrf-of-the-session",
        body: { filter: "state:open", expect: 903 },
      },
    ]);
    expect(search().get("plan")).toBe(PLAN_ID);
  });

  it("are discarded by number and with a reason, and a count that has moved is told", async () => {
    const sent = operate({ "dead-letters/discard": { matching: 8, discarded: 8 } });
    const { user } = open("/dead-letters");
    await heading(/903 rows/);
    await user.click(screen.getByRole("button", { name: /^Discard up to 903 rows/ }));
    const form = within(await screen.findByRole("form", { name: "Discard 8 rows" }));
    const button = form.getByRole("button", { name: "Discard 8 rows" });
    expect((button as HTMLButtonElement).disabled).toBe(true);
    await user.type(form.getByRole("textbox", { name: "Why" }), "nobody wants them");
    await user.click(button);
    await waitFor(() =>
      expect(sent.map(({ body }) => body)).toEqual([
        { filter: "state:open" },
        { filter: "state:open", expect: 8, reason: "nobody wants them" },
      ]),
    );
    await user.click(await screen.findByRole("button", { name: /^Discard up to 903 rows/ }));
    await screen.findByRole("form", { name: "Discard 8 rows" });
    answerWith("dead-letters/discard", { detail: "904 items match, you expected 8" }, 409);
    await user.type(screen.getByRole("textbox", { name: "Why" }), "again");
    await user.click(screen.getAllByRole("button", { name: "Discard 8 rows" }).at(-1) as HTMLElement);
    expect((await screen.findByRole("alert")).textContent).toContain("904 items match, you expected 8");
  });

  it("are discarded as they were counted: another selection closes the form", async () => {
    const sent = operate({ "dead-letters/discard": { matching: 8 } });
    const { user } = open("/dead-letters");
    await heading(/903 rows/);
    const boxes = await screen.findAllByRole("checkbox");
    const tick = async (...which: number[]) => {
      for (const index of which) await user.click(boxes[index] as HTMLElement);
    };
    await user.click(screen.getByRole("button", { name: /^Discard up to 903 rows/ }));
    await screen.findByRole("form", { name: "Discard 8 rows" });
    await tick(0, 1);
    expect(screen.queryByRole("form", { name: /^Discard/ })).toBeNull();
    await user.click(screen.getByRole("button", { name: "Discard 2 rows" }));
    await screen.findByRole("form", { name: "Discard 2 rows" });
    await tick(2, 3, 4);
    expect(screen.queryByRole("form", { name: /^Discard/ })).toBeNull();
    await user.click(screen.getByRole("button", { name: "Discard 5 rows" }));
    const form = within(screen.getByRole("form", { name: "Discard 5 rows" }));
    await user.type(form.getByRole("textbox", { name: "Why" }), "nobody wants them");
    await user.click(form.getByRole("button", { name: "Discard 5 rows" }));
    await waitFor(() => expect(sent.filter(({ path }) => /:validate\/discard$/.test(path))).toHaveLength(5));
  });

  it("are changed by steps before they are judged, which the address keeps", async () => {
    const sent = operate({ plans: plan({ items: 900 }) });
    const { user, search } = open(deadLettersPath(GROUP));
    await heading(/900 rows/);
    await user.click(screen.getByRole("button", { name: "Change the texts first…" }));
    const first = within(screen.getByRole("group", { name: "Step 1" }));
    expect(document.activeElement).toBe(first.getByRole("combobox", { name: "What" }));
    expect((first.getByLabelText("Path") as HTMLInputElement).value).toBe("/aired/from");
    await user.click(screen.getByRole("button", { name: "Dry run 900 rows" }));
    expect(first.getByRole("alert").textContent).toBe("Give a pattern.");
    expect(sent).toEqual([]);
    await user.type(first.getByRole("textbox", { name: "Pattern" }), "^(.*)$");
    await user.type(first.getByRole("textbox", { name: "With" }), "${{1}T00:00:00+00:00");
    await user.click(screen.getByRole("button", { name: "Add a step" }));
    const second = within(screen.getByRole("group", { name: "Step 2" }));
    await user.selectOptions(second.getByRole("combobox", { name: "What" }), "Set a value");
    await user.clear(second.getByLabelText("Path"));
    await user.type(second.getByLabelText("Path"), "/mal_id");
    await user.type(second.getByRole("textbox", { name: "Value, as JSON" }), "417");
    await waitFor(() => expect(search().get("steps")).toContain('["set","/mal_id","417"]'));
    await user.click(screen.getByRole("button", { name: "Move up step 2" }));
    await user.click(screen.getByRole("button", { name: "Dry run 900 rows" }));
    await waitFor(() => expect(sent).toHaveLength(1));
    expect(sent[0]?.body).toMatchObject({
      filter: GROUP,
      expect: 900,
      steps: [
        { op: "set", path: "/mal_id", value: 417 },
        { op: "replace", path: "/aired/from", pattern: "^(.*)$", with: "${1}T00:00:00+00:00" },
      ],
    });
    await user.click(await screen.findByRole("button", { name: "Put away" }));
    await user.click(await screen.findByRole("button", { name: "Take out step 1" }));
    expect(screen.getAllByRole("group", { name: /^Step/ })).toHaveLength(1);
    expect(document.activeElement?.textContent).toBe("Add a step");
  });

  it("say which step the server refused", async () => {
    operate();
    answerWith("plans", { detail: "step 1: the pattern: unclosed group" }, 400);
    const { user } = open(deadLettersPath(GROUP, { steps: '[["replace","/aired/from","(","x"]]' }));
    await user.click(await screen.findByRole("button", { name: "Dry run 900 rows" }));
    expect((await screen.findByRole("alert")).textContent).toContain("step 1: the pattern: unclosed group");
  });

  it("keep the focus where the dry run stands, and where it is put away", async () => {
    operate({ plans: plan() });
    const { user } = open("/dead-letters");
    (await screen.findByRole("button", { name: "Dry run 903 rows" })).focus();
    await user.keyboard("{Enter}");
    const away = await screen.findByRole("button", { name: "Put away" });
    await waitFor(() => expect(document.activeElement).toBe(away.closest("[tabindex]")));
    away.focus();
    await user.keyboard("{Enter}");
    const again = await screen.findByRole("button", { name: "Dry run 903 rows" });
    await waitFor(() => expect(document.activeElement).toBe(again.closest("[tabindex]")));
  });

  it("are chosen one by one", async () => {
    const sent = operate({ plans: plan({ items: 2 }) });
    const { user } = open("/dead-letters");
    for (const title of ["Ghost of Platform Zero", "Salt Harbour Telegraph"]) {
      const [box] = await screen.findAllByRole("checkbox", { name: `Select ${title}` });
      await user.click(box as HTMLElement);
    }
    await screen.findByRole("heading", { name: "2 rows selected" });
    await user.click(screen.getByRole("button", { name: "Dry run 2 rows" }));
    await waitFor(() => expect(sent[0]?.body).toEqual({ roots: [rootOf(14), rootOf(16)], expect: 2 }));
  });

  it("are chosen only where something can be done with them", async () => {
    operate();
    const some = [
      item(13, { state: "resolved" }),
      item(14, { state: "resolved", correction: "waiting" }),
      item(15),
    ];
    answerWith("dead-letters", items("", { items: some, total: 3, next_cursor: null }));
    const { user } = open(deadLettersPath(""));
    await screen.findByRole("heading", { name: "What would become of 3 rows now?" });
    expect(screen.getAllByRole("checkbox")).toHaveLength(2);
    expect(screen.getByText("dry run", { exact: false, selector: "p:has(kbd)" })).toBeTruthy();
    answerWith("dead-letters", items("", { items: some.slice(0, 1), total: 1, next_cursor: null }));
    await user.click(screen.getByRole("link", { name: /^Resolved/ }));
    await heading(/^1 row is resolved/);
    expect(screen.queryByRole("checkbox")).toBeNull();
    expect(screen.queryByText("dry run", { exact: false, selector: "p:has(kbd)" })).toBeNull();
  });

  it("say that there are none", async () => {
    operate();
    answerWith("dead-letters", items("", { items: [], total: 0, next_cursor: null }));
    answerWith("dead-letters/groups", groups({ groups: [] }));
    open("/dead-letters");
    await heading("No row waits");
    expect(screen.getByText("No dead letters.")).toBeTruthy();
    expect(screen.queryByRole("button", { name: /Discard/ })).toBeNull();
  });

  it("say how far the projection is, and what failed", async () => {
    operate();
    const dlq = { epoch: 17, seq: 900, last_seq: 1_903, at: "2026-11-23T06:59:00Z" };
    answerWith("dead-letters/groups", groups({ projection: { dlq, audit: null } }));
    answerWith("dead-letters", { detail: "the database is unavailable", request_id: "r-1" }, 503);
    open("/dead-letters");
    expect(
      await screen.findByText("The projection is at DLQ 900 of 1,903: the counts are behind."),
    ).toBeTruthy();
    expect(await screen.findByText("The dead letters could not be read.")).toBeTruthy();
    expect(screen.getByText("r-1")).toBeTruthy();
  });

  it("leave out what the operator may not do", async () => {
    operate();
    answerWith("session", { name: "reader", rights: ["read"], csrf: "c", expires_at: null });
    open(deadLettersPath(GROUP, { item: rootOf(13) }));
    await screen.findByText(/Your token may read/);
    expect(
      screen.queryByRole("button", { name: /Discard|Edit|Replay|Dry run|Save note|Change the texts/ }),
    ).toBeNull();
    expect(screen.queryByRole("checkbox")).toBeNull();
  });
});
