import { useEffect } from "react";
import { asApiError } from "../api/problem.ts";
import type { OverviewSearch } from "../routes/search.ts";
import { useView } from "./useView.ts";

/** The choice in the address that the API refuses: only the API knows, say, which sources there are. */
export function refusedChoice(error: unknown, search: OverviewSearch): keyof OverviewSearch | null {
  const refused = error ? asApiError(error).parameter : null;
  const chosen = Object.keys(search) as (keyof OverviewSearch)[];
  return chosen.find((name) => name === refused && search[name] !== undefined) ?? null;
}

/** Takes a refused choice out of the address, so that it falls back like one that makes no sense. */
export function useFallback(error: unknown): void {
  const { search, change } = useView();
  const refused = refusedChoice(error, search);
  useEffect(() => {
    if (refused) change({ [refused]: undefined });
  }, [refused, change]);
}
