import { getRouteApi } from "@tanstack/react-router";
import { useCallback } from "react";
import type { Selection } from "../api/queries.ts";
import { type OverviewSearch, selectionOf } from "../routes/search.ts";

const route = getRouteApi("/");

interface View {
  search: OverviewSearch;
  selection: Selection;
  /** Changes the address; what is not named stays. */
  change: (changes: Partial<OverviewSearch>) => void;
}

/** The view that the address describes. */
export function useView(): View {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const change = useCallback(
    (changes: Partial<OverviewSearch>) => {
      void navigate({ search: (before) => ({ ...before, ...changes }), replace: true, resetScroll: false });
    },
    [navigate],
  );
  return { search, selection: selectionOf(search), change };
}
