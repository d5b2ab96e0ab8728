// Old numbers stay on the page and say how old they are.
import type { Meta } from "../api/types.gen.ts";
import { time } from "../lib/dates.ts";

interface Read {
  data?: { meta: Meta; readAt: string } | undefined;
  isError: boolean;
}

/** "As of 12:40 CET." while the numbers shown are not the newest, else `null`. */
export function staleNote({ data, isError }: Read): string | null {
  if (!data || !(isError || data.meta.stale)) return null;
  return `As of ${time(data.readAt)}.`;
}
