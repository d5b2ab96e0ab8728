import { useCallback } from "react";
import { changeSort, type RawSearch, type SharedSearch, sortIn } from "../address/shared.ts";
import type { Sort } from "../lib/sort.ts";
import type { Sorting } from "../ui/DataTable.tsx";
import { useView } from "./useView.ts";

interface SortSearch extends SharedSearch {
  sort?: string | undefined;
}

const readSort = ({ sort }: RawSearch): SortSearch => (typeof sort === "string" ? { sort } : {});

/** The order of one chart's table in the address, and how to change it. `initial` is the one that it names none for. */
export function useSort(id: string, initial: Sort): Sorting {
  const { search, change } = useView(readSort);
  const onSort = useCallback(
    (sort: Sort | null) => change({ sort: changeSort(search.sort, id, sort) }),
    [change, search.sort, id],
  );
  return { initial, sort: sortIn(search.sort, id), onSort };
}
