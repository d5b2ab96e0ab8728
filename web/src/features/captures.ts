// Which captures an answer rests on, in words.
import type { Meta } from "../api/types.gen.ts";
import { day, dayOf, instant } from "../lib/dates.ts";

/** "Source: jikan-sim."; nothing where nothing was observed. */
export function sourceWords({ sources }: Meta): string {
  return sources.length > 0 ? `Source: ${sources.join(", ")}.` : "";
}

/** "jikan-sim, captured 26 Jul 2026 to 23 Nov 2026, 04:12 UTC". */
export function captures({ sources, captured_at: last, first_captured_at: first }: Meta): string {
  const names = sources.join(", ");
  if (!last) return names;
  const since = first && dayOf(first) !== dayOf(last) ? `${day(first)} to ` : "";
  return `${names}, captured ${since}${instant(last)}`;
}
