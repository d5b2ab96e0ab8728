// Before the browser tests: is there a stack, and does it hold the sample?

import type { RunsResponse } from "../src/api/types.gen.ts";

const NEEDED = ["analytics/top-anime", "analytics/genre-distribution", "analytics/seasonal-trend"];

/** Fails with one sentence where the tests could not mean anything. */
export default async function stack(): Promise<void> {
  const url = process.env.KANSOKU_URL;
  if (!url) {
    throw new Error(
      'KANSOKU_URL is not set: start a stack (`make up`), then `eval "$(make -s env)"`, or run `make e2e`.',
    );
  }
  for (const resource of NEEDED) {
    const address = new URL(`/api/v1/${resource}?catalogue=sample`, url);
    const response = await fetch(address).catch((error: unknown) => {
      throw new Error(`No answer from ${address}, which KANSOKU_URL names.`, { cause: error });
    });
    if (!response.ok) throw new Error(`${address} answered ${response.status}: ${await response.text()}`);
    const { data } = (await response.json()) as { data: unknown[] | { titles: unknown } };
    const rows = Array.isArray(data) ? data : data.titles;
    const count = Array.isArray(rows) ? rows.length : rows;
    if (count === 0) throw new Error(`${address} has no rows: the sample history is not there.`);
  }
  await still(url);
}

const SETTLED_MS = 3000;
const PATIENCE_MS = 90_000;

/** Waits until no capture is under way: a number that changes between the API's answer and the page's is no fault. */
async function still(url: string): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  let before: number | null = null;
  while (Date.now() < deadline) {
    const response = await fetch(new URL("/api/v1/runs?catalogue=sample&limit=50", url));
    const { meta, data } = (await response.json()) as RunsResponse;
    const busy = data.some((run) => run.state === "running" || run.state === "stub");
    if (!busy && meta.version === before) return;
    before = busy ? null : meta.version;
    await new Promise((resolve) => setTimeout(resolve, SETTLED_MS));
  }
  throw new Error(`A capture has been under way at ${url} for longer than ${PATIENCE_MS / 1000} s.`);
}
