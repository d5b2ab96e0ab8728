// The operator's part of the API over invented dead letters: a field that upstream sends in another form since 02:00.
import type {
  Action,
  Group,
  Groups,
  Item,
  ItemDetail,
  Items,
  Job,
  Member,
  Plan,
  Session,
} from "../api/operator.ts";

export const SESSION: Session = {
  name: "night-shift",
  rights: ["read", "act", "edit"],
  csrf: "csrf-of-the-session",
  expires_at: "2026-11-24T12:00:00Z",
};

const RUN = "5b0f2a1c-9d0e-5c5e-8a53-0d3c1f6f7a10";
export const PLAN_ID = "0b54a0a2-1111-4222-8333-944444444444";
export const JOB_ID = "0b54a0a2-5555-4666-8777-988888888888";
const JUDGE = "4be1c9d0a7f3e2b8c6d5a4f3e2d1c0b9";
const TITLES = [
  "Ghost of Platform Zero",
  "The Lighthouse Mapmaker",
  "Salt Harbour Telegraph",
  "Silver Wolf Librarian",
  "Jellyfish Airways",
  "Windowsill Rocket",
  "Tanuki \u202eWeather\u202c Station",
] as const;

const AT = "2026-11-23T02:03:11Z";
const PROJECTION = {
  dlq: { epoch: 17, seq: 903, last_seq: 903, at: AT },
  audit: { epoch: 18, seq: 12, last_seq: 12, at: AT },
};

export const rootOf = (row: number) => `${RUN}:3:${row}:validate`;

export function item(row = 13, change: Partial<Item> = {}): Item {
  return {
    root: rootOf(row),
    run: RUN,
    page: 3,
    row,
    stage: "validate",
    catalogue: "sample",
    source: "jikan-sim",
    dataset: "top.score",
    first_at: AT,
    last_at: AT,
    mal_id: 990_417,
    title: TITLES[row % TITLES.length] ?? null,
    reason: "schema",
    pointer: "/aired/from",
    message: '"2026-10-18" does not match the pattern',
    judge: JUDGE,
    failures: 0,
    edited: false,
    state: "open",
    correction: null,
    resolved_at: null,
    resolved_by: null,
    version: 1,
    ...change,
  };
}

export const TEXT =
  '{"mal_id":990417,"title":"Zero-ban Sen no Yūrei","score":8.520,"scored_by":61521,"members":198455,"popularity":412,"favorites":512,"aired":{"from":"2026-10-18","to":null},"genres":[{"mal_id":1,"name":"Mystery"},{"mal_id":8,"name":"Drama"}],"themes":[],"studios":[{"mal_id":7,"name":"Studio Halfmoon"}],"synopsis":"A \\u202e line","big":12345678901234567890}';

const START = new TextEncoder().encode(TEXT.slice(0, TEXT.indexOf('"2026-10-18"'))).length;

export const FAULT = {
  path: "/aired/from",
  keyword: "pattern",
  schema_path: "/properties/aired/properties/from/pattern",
  message: '"2026-10-18" does not match the pattern',
  line: 1,
  column: START,
  start: START,
  end: START + 12,
};

export function detail(change: Partial<ItemDetail> = {}): ItemDetail {
  const one = item();
  return {
    item: one,
    text: TEXT,
    body_base64: null,
    original: null,
    size: new TextEncoder().encode(TEXT).length,
    faults: [FAULT],
    schema: {
      name: "anime.v1",
      hash: "6f1d0c2b9a8e7f60",
      // biome-ignore lint/suspicious/noThenProperty: the API names it so, and nobody awaits it.
      then: null,
      now: null,
      rule_then: '{"pattern": "^\\\\d{4}-\\\\d{2}-\\\\d{2}T"}',
      rule_now: '{"pattern": "^\\\\d{4}-\\\\d{2}-\\\\d{2}(T|$)"}',
    },
    now: { passes: true, judge: JUDGE, faults: [] },
    letters: [
      {
        dlq_id: `${one.root}:17-61204:0:${JUDGE}`,
        epoch: 17,
        seq: 88,
        attempt: 0,
        at: AT,
        stage: "validate",
        reason: "schema",
        message: FAULT.message,
        judge: JUDGE,
        deliveries: 1,
        raw_epoch: 16,
        raw_seq: 61_204,
        trace_id: "9be2a3f04c7d1e8841c7aa0912fe3b41",
        service: "validator 0.9.2",
      },
    ],
    actions: [],
    headers: { "ce-subject": "top.score", "Kansoku-Page": "3", "Dlq-Error": "a\u001b[31mb" },
    stored: null,
    journey: { epoch: 16, seq: 61_204 },
    trace_url: null,
    ...change,
  };
}

export function group(change: Partial<Group> = {}): Group {
  return {
    group: 4,
    reason: "schema",
    path: "/aired/from",
    keyword: "pattern",
    detail: "/properties/aired/properties/from/pattern",
    state: "new",
    first_at: AT,
    last_at: "2026-11-23T04:14:00Z",
    items: 900,
    open: 900,
    sole: 899,
    hold: false,
    note: null,
    link: null,
    owner: null,
    fixed_by: null,
    fixed_at: null,
    regressed_at: null,
    version: 0,
    hours: [
      { hour: "2026-11-23T02:00:00Z", items: 600 },
      { hour: "2026-11-23T03:00:00Z", items: 250 },
      { hour: "2026-11-23T04:00:00Z", items: 50 },
    ],
    ...change,
  };
}

const OTHERS = [
  group({
    group: 2,
    reason: "db_data",
    path: "/score",
    keyword: "range",
    state: "regressed",
    items: 2,
    open: 2,
    sole: 2,
    first_at: "2026-11-22T13:12:00Z",
    last_at: "2026-11-22T13:12:00Z",
    regressed_at: "2026-11-22T13:12:00Z",
    note: "Wait for the new column",
    owner: "day-shift",
    hold: true,
    hours: [{ hour: "2026-11-22T13:00:00Z", items: 2 }],
  }),
  group({
    group: 3,
    reason: "not_json",
    path: "",
    keyword: "",
    detail: "",
    state: "acknowledged",
    items: 1,
    open: 1,
    sole: 1,
    first_at: "2026-11-22T17:40:00Z",
    last_at: "2026-11-22T17:40:00Z",
    hours: [{ hour: "2026-11-22T17:00:00Z", items: 1 }],
  }),
];

export function groups(change: Partial<Groups> = {}): Groups {
  return {
    groups: [group(), ...OTHERS],
    facets: {
      state: [
        { value: "open", items: 903 },
        { value: "resolved", items: 12_411 },
        { value: "failed", items: 4 },
        { value: "quarantined", items: 2 },
        { value: "discarded", items: 31 },
      ],
      reason: [
        { value: "schema", items: 900 },
        { value: "db_data", items: 2 },
        { value: "not_json", items: 1 },
      ],
      stage: [
        { value: "validate", items: 901 },
        { value: "load", items: 2 },
      ],
      dataset: [
        { value: "top.score", items: 375 },
        { value: "top.members", items: 300 },
        { value: "season.2026.fall", items: 175 },
        { value: "top.upcoming", items: 53 },
      ],
      path: [
        { value: "/aired/from", items: 900 },
        { value: "/score", items: 2 },
      ],
    },
    counts_are_exact: true,
    projection: PROJECTION,
    ...change,
  };
}

export function items(filter: string, change: Partial<Items> = {}): Items {
  const total = filter.includes("/aired/from") ? 900 : 903;
  return {
    items: Array.from({ length: 14 }, (_, index) => item(13 + index)),
    next_cursor: "next",
    total,
    total_is_exact: true,
    projection: PROJECTION,
    ...change,
  };
}

export function plan(change: Partial<Plan> = {}): Plan {
  return {
    plan: PLAN_ID,
    created_at: "2026-11-23T06:40:02Z",
    created_by: "night-shift",
    filter: "state:open reason:schema path:/aired/from keyword:pattern",
    schema: null,
    steps: null,
    state: "ready",
    error: null,
    judge: JUDGE,
    deployed: true,
    ready_at: "2026-11-23T06:40:03Z",
    items: 900,
    passes: 897,
    fails: 3,
    replayable: change?.passes ?? 897,
    invalid: 0,
    failures: [
      { path: "/aired/from", keyword: "pattern", message: '"" does not match', items: 2 },
      { path: "/score", keyword: "type", message: '"8.52" is not a number', items: 1 },
    ],
    accepted_checked: 5_000,
    accepted_failing: 0,
    job: null,
    ...change,
  };
}

export function job(change: Partial<Job> = {}): Job {
  return {
    job: JOB_ID,
    plan: PLAN_ID,
    created_at: "2026-11-23T06:42:00Z",
    created_by: "night-shift",
    reason: "schema 1.5.0 is deployed",
    members: "pass",
    rate: 200,
    canary: 10,
    stop_share: 0.05,
    state: "running",
    asked: null,
    words: null,
    started_at: "2026-11-23T06:42:01Z",
    ended_at: null,
    counts: { members: 897, waiting: 400, published: 97, resolved: 396, failed: 3, skipped: 1 },
    skips: [{ why: "discarded", members: 1 }],
    eta_seconds: 2,
    joined_since: 4,
    ...change,
  };
}

export function action(change: Partial<Action> = {}): Action {
  return {
    id: 12,
    at: "2026-11-23T06:40:02Z",
    actor: "night-shift",
    action: "discard",
    root: rootOf(13),
    version: 1,
    n: null,
    plan: null,
    job: null,
    reason: "empty upstream too",
    detail: {},
    before: null,
    sent: true,
    ...change,
  };
}

/** A row of a plan, with what steps make of its text. */
export function member(row = 13, change: Partial<Member> = {}): Member {
  return {
    root: rootOf(row),
    title: item(row).title,
    version: 1,
    changed: false,
    verdict: "pass",
    faults: [],
    outcome: null,
    skipped: null,
    n: null,
    texts: { before: TEXT, after: TEXT.replace("2026-10-18", "2026-10-18T00:00:00+00:00") },
    ...change,
  };
}

const ACTIONS = [
  action(),
  action({ id: 11, action: "restore", reason: "it is not empty any more", sent: false }),
  action({
    id: 10,
    action: "job",
    root: null,
    job: JOB_ID,
    plan: PLAN_ID,
    reason: "schema 1.5.0 is deployed",
    detail: { owner: null, state: "done", counts: { resolved: 97 } },
  }),
];

const LEDGER = {
  balanced: false,
  runs: [
    {
      run: RUN,
      dataset: "top.score",
      captured_at: "2026-11-23T02:00:00Z",
      received: 1_025,
      stored: 124,
      duplicate: 0,
      dead_open: 900,
      dead_quarantined: 0,
      dead_discarded: 0,
      in_flight_pages: 0,
      missing: [{ page: 3, row: 13 }],
      extra: [],
    },
  ],
  totals: { received: 90_000, stored: 88_000, duplicate: 1_099, dead: 900, in_flight: 0 },
};

type Answer = (query: URLSearchParams, parts: string[]) => unknown;

/** What is read, by the rest of its path. */
export const READS: readonly (readonly [path: RegExp, answer: Answer])[] = [
  [/^session$/, () => SESSION],
  [/^dead-letters$/, (query) => items(query.get("filter") ?? "")],
  [/^dead-letters\/groups$/, () => groups()],
  [
    /^dead-letters\/([^/]+)$/,
    (_, [root = ""]) => detail({ item: item(Number(decodeURIComponent(root).split(":")[2])) }),
  ],
  [/^plans$/, () => ({ plans: [plan()], next_cursor: null })],
  [/^plans\/[^/]+$/, () => plan()],
  [
    /^plans\/[^/]+\/members$/,
    () => ({
      members: [13, 14, 15].map((row) =>
        member(row, { changed: row === 15, verdict: "fail", faults: [FAULT], texts: null }),
      ),
      next_cursor: null,
    }),
  ],
  [/^jobs$/, () => ({ jobs: [job()], next_cursor: null })],
  [/^jobs\/[^/]+$/, () => job()],
  [/^audit$/, () => ({ actions: ACTIONS, next_cursor: null, unsent: 1 })],
  [/^ledger$/, () => LEDGER],
];
