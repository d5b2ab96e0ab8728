import { useCallback } from "react";
import { openTables, type RawSearch, type SharedSearch, toggleTable } from "../address/shared.ts";
import { useView } from "./useView.ts";

interface TableSearch extends SharedSearch {
  table?: string | undefined;
}

const readTable = ({ table }: RawSearch): TableSearch => (typeof table === "string" ? { table } : {});

/** Whether the table of one of the page's charts is open, and how to change that. */
export function useTable<Id extends string>(
  charts: readonly Id[],
  id: Id,
): { open: boolean; toggle: () => void } {
  const { search, change } = useView(readTable);
  const { table } = search;
  const toggle = useCallback(
    () => change({ table: toggleTable(charts, table, id) }),
    [change, charts, table, id],
  );
  return { open: openTables(charts, table).includes(id), toggle };
}
