// The dashboard as a person finds it, and the API's answers to compare it with.
import { type APIRequestContext, expect, type Locator, type Page } from "@playwright/test";
import type {
  GenreDistributionResponse,
  SeasonalTrendResponse,
  SourcesResponse,
  TopAnimeResponse,
} from "../src/api/types.gen.ts";

interface Answers {
  "analytics/top-anime": TopAnimeResponse;
  "analytics/genre-distribution": GenreDistributionResponse;
  "analytics/seasonal-trend": SeasonalTrendResponse;
  sources: SourcesResponse;
}

/** The API's own answer. */
export async function answer<Path extends keyof Answers>(
  request: APIRequestContext,
  path: Path,
  query: Record<string, string> = { catalogue: "sample" },
): Promise<Answers[Path]> {
  const response = await request.get(`/api/v1/${path}?${new URLSearchParams(query)}`);
  expect(response.ok(), `${path} answers ${response.status()}`).toBe(true);
  return (await response.json()) as Answers[Path];
}

export const charts = ["lead", "top", "genres", "seasons"] as const;

/** One of the charts. */
export function chart(page: Page, id: (typeof charts)[number]): Locator {
  return page.locator(`figure#${id}`);
}

/** Opens an address and waits until nothing is loading. */
export async function open(page: Page, address: string): Promise<void> {
  await page.goto(address);
  await settled(page);
}

/** Waits until the charts show numbers or a reason, or one reason stands for all. */
export async function settled(page: Page): Promise<void> {
  await expect(page.getByRole("main")).not.toBeEmpty();
  await expect(page.locator("[aria-busy]")).toHaveCount(0);
  await page.evaluate(() => document.fonts.ready);
}

/** 412,380: as the page writes it. */
export function integer(value: number | null): string {
  return value === null ? "–" : new Intl.NumberFormat("en-GB", { maximumFractionDigits: 0 }).format(value);
}

/** 9.03: as the page writes it. */
export function score(value: number | null): string {
  const two = { minimumFractionDigits: 2, maximumFractionDigits: 2 };
  return value === null ? "–" : new Intl.NumberFormat("en-GB", two).format(value);
}
