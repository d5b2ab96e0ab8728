// Old numbers stay on the page, which says once how old they are.
import type { Meta } from "../api/types.gen.ts";
import { time } from "../lib/dates.ts";
import { capital, list } from "../lib/format.ts";

interface Read {
  data?: { meta: Meta; readAt: string } | undefined;
  isError: boolean;
  /** Whether these are the numbers of another request: that this one's cannot be read makes them no older. */
  isPlaceholder?: boolean;
}

/** A part of the page by its name in a sentence, "the ranking", and what is known of its numbers. */
export type Part = readonly [name: string, read: Read];

/** What a file says of its numbers, where no page stands around them. */
export function fileSource(source: string, read: Read): string {
  const sample = read.data?.meta.catalogue === "sample" && "Sample data, all invented.";
  return [sample, source, staleWords([["", read]])].filter(Boolean).join(" ");
}

/** Whether the numbers shown are not the newest. */
export function isStale({ data, isError, isPlaceholder }: Read): boolean {
  return data !== undefined && ((isError && !isPlaceholder) || data.meta.stale);
}

/** "As of 12:40 UTC.", or which of the parts are of then; `null` while all are the newest. */
export function staleWords(parts: readonly Part[]): string | null {
  const shown = parts.filter(([, { data }]) => data !== undefined);
  const old = shown.filter(([, read]) => isStale(read));
  const [oldest] = old.flatMap(([, { data }]) => data?.readAt ?? []).sort();
  if (oldest === undefined) return null;
  const at = `as of ${time(oldest)}.`;
  return capital(old.length === shown.length ? at : `${list(old.map(([name]) => name))} ${at}`);
}
