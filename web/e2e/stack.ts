// Before the browser tests: is there a stack, and does it hold the sample?

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
}
