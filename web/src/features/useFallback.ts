import { useEffect, useState } from "react";
import { asApiError } from "../api/problem.ts";
import type { OverviewSearch } from "../routes/search.ts";
import { useView } from "./useView.ts";

/** The choice in the address that the API refuses: only the API knows, say, which sources there are. */
export function refusedChoice(error: unknown, search: OverviewSearch): keyof OverviewSearch | null {
  const refused = error ? asApiError(error).parameter : null;
  const chosen = Object.keys(search) as (keyof OverviewSearch)[];
  return chosen.find((name) => name === refused && search[name] !== undefined) ?? null;
}

interface Fallback {
  /** What was requested in vain; `null` where nothing was, or something else is chosen by now. */
  words: string | null;
  close: () => void;
}

/** Takes a refused choice out of the address, so that it falls back like one that makes no sense, and says so. */
export function useFallback(error: unknown): Fallback {
  const { search, change } = useView();
  const [before, setBefore] = useState<{ name: keyof OverviewSearch; search: OverviewSearch } | null>(null);
  const refused = refusedChoice(error, search);
  useEffect(() => {
    if (!refused) return;
    setBefore({ name: refused, search });
    change({ [refused]: undefined }, false);
  }, [refused, search, change]);
  const holds = before && search[before.name] === undefined && search.catalogue === before.search.catalogue;
  return {
    words: holds ? refusalWords(before.name, before.search[before.name] ?? "") : null,
    close: () => setBefore(null),
  };
}

function refusalWords(name: keyof OverviewSearch, value: string): string {
  if (name === "source") return `This catalogue has no source “${value}”, so all its sources are shown.`;
  return `The address named “${value}” (${name}), which cannot be shown; it was left out.`;
}
