import { useCallback } from "react";
import { type ChartId, openTables, toggleTable } from "../routes/search.ts";
import { useView } from "./useView.ts";

/** Whether one chart's table is open, and how to change that. */
export function useTable(id: ChartId): { open: boolean; toggle: () => void } {
  const { search, change } = useView();
  const toggle = useCallback(() => change(toggleTable(search, id)), [change, search, id]);
  return { open: openTables(search).includes(id), toggle };
}
