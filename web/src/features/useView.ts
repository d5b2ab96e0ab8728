import { getRouteApi } from "@tanstack/react-router";
import { useCallback } from "react";
import type { Selection } from "../api/queries.ts";
import { type OverviewSearch, selectionOf } from "../routes/search.ts";

const route = getRouteApi("/");

interface View {
  search: OverviewSearch;
  selection: Selection;
  /** Changes the address; what is not named stays. Other captures are a step that the browser can take back. */
  change: (changes: Partial<OverviewSearch>, step?: boolean) => void;
}

const STEPS: readonly string[] = ["catalogue", "source", "as_of"] satisfies (keyof Selection)[];

/** The view that the address describes. */
export function useView(): View {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const change = useCallback(
    (changes: Partial<OverviewSearch>, step = Object.keys(changes).some((name) => STEPS.includes(name))) => {
      void navigate({ search: (before) => ({ ...before, ...changes }), replace: !step, resetScroll: false });
    },
    [navigate],
  );
  return { search, selection: selectionOf(search), change };
}
