import { createContext, use, useEffect } from "react";
import { readShared } from "../address/shared.ts";
import { daysQuery, runsQuery } from "../api/queries.ts";
import { useResponse } from "../api/useResponse.ts";
import { type Part, staleWords } from "./freshness.ts";
import { useView } from "./useView.ts";

/** Takes the words that the layout says once for the whole page; `null` while all is new. */
export const StalenessContext = createContext<(words: string | null) => void>(() => {});

/** Tells the layout how old the numbers are: those of the page's parts and those of the layout's own. */
export function useStaleness(parts: readonly Part[]): void {
  const tell = use(StalenessContext);
  const { selection } = useView(readShared);
  // The layout sends these requests.
  const own: Part[] = [
    ["the captures", useResponse(runsQuery(selection), false)],
    ["the days", useResponse(daysQuery(selection), false)],
  ];
  const words = staleWords([...own, ...parts]);
  useEffect(() => {
    tell(words);
    return () => tell(null);
  }, [tell, words]);
}
