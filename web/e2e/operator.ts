// An operator of the running stack, and the stack's own commands.
import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { expect, type Page } from "@playwright/test";

const run = promisify(execFile);

const STACK = process.env.KANSOKU_STACK ?? new URL("../../target/release/stack", import.meta.url).pathname;
const ROOT = process.env.KANSOKU_ROOT ?? new URL("../..", import.meta.url).pathname;

/** The folder of the stack's data. */
export const DATA = process.env.KANSOKU_DATA_DIR ?? process.env.KANSOKU_DATA ?? join(ROOT, ".data");

/** What a command of the stack prints. */
export async function stack(...words: string[]): Promise<string> {
  const env = { ...process.env, KANSOKU_DATA: DATA, KANSOKU_ROOT: ROOT };
  const { stdout } = await run(STACK, words, { env });
  return stdout;
}

async function queryApi(...words: string[]): Promise<string> {
  const env = { ...process.env, QUERY_API_CONFIG: join(DATA, "config/query-api.toml") };
  const { stdout } = await run(join(dirname(STACK), "query-api"), ["operator", ...words], { env });
  return stdout;
}

/** Makes an operator. */
export async function operator(
  rights: string,
  name = `test-${randomUUID().slice(0, 8)}`,
): Promise<{ name: string; remove: () => Promise<unknown> }> {
  await queryApi("add", name, "--rights", rights);
  return { name, remove: () => queryApi("remove", name) };
}

/** Opens a sign-in link, which leads to the dead letters. */
export async function signIn(page: Page, name: string): Promise<void> {
  const link = /\/sign-in#\S+/.exec(await queryApi("link", name))?.[0];
  expect(link, "the command prints a link").toBeTruthy();
  await page.goto(link ?? "");
  await expect(page).toHaveURL(/\/dead-letters/);
  await expect(page.getByText(`Operator ${name}.`)).toBeVisible();
}
