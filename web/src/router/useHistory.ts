import { createContext, use, useSyncExternalStore } from "react";
import type { History, Place } from "./history.ts";

/** The history of the page around. */
export const HistoryContext = createContext<History | null>(null);

/** The ways to another address. */
export function useHistory(): History {
  const history = use(HistoryContext);
  if (!history) throw new Error("useHistory is called outside of HistoryContext");
  return history;
}

/** Where the reader is. */
export function usePlace(): Place {
  const history = useHistory();
  return useSyncExternalStore(history.subscribe, () => history.place);
}
