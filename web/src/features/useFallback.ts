import { useEffect, useState } from "react";
import { readShared, type SharedSearch } from "../address/shared.ts";
import { asApiError } from "../api/problem.ts";
import { useView } from "./useView.ts";

/** The choice in the address that the API refuses: only the API knows, say, which sources there are. */
export function refusedChoice(error: unknown, search: SharedSearch): keyof SharedSearch | null {
  const refused = error ? asApiError(error).parameter : null;
  const chosen = Object.keys(search) as (keyof SharedSearch)[];
  return chosen.find((name) => name === refused && search[name] !== undefined) ?? null;
}

interface Fallback {
  /** What was requested and refused; `null` where nothing was, or something else is chosen by now. */
  words: string | null;
  close: () => void;
}

/** Takes a refused choice out of the address, so that it falls back like one that makes no sense, and says so. */
export function useFallback(error: unknown): Fallback {
  const { search, change } = useView(readShared);
  const [before, setBefore] = useState<{ name: keyof SharedSearch; search: SharedSearch } | null>(null);
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

function refusalWords(name: keyof SharedSearch, value: string): string {
  if (name === "source") return `This catalogue has no source “${value}”, so all its sources are shown.`;
  return `The address named “${value}” (${name}), which cannot be shown; it was left out.`;
}
