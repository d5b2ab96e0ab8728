import { useCallback, useMemo } from "react";
import { parse, type ReadSearch, type SharedSearch, selectionOf, stringify } from "../address/shared.ts";
import type { Selection } from "../api/queries.ts";
import { useHistory, usePlace } from "../router/useHistory.ts";

interface View<Search> {
  search: Search;
  selection: Selection;
  /** Changes the address; what is not named stays. Other captures are a step that the browser can take back. */
  change: (changes: Partial<Search>, step?: boolean) => void;
}

const STEPS: readonly string[] = ["catalogue", "source", "as_of"] satisfies (keyof Selection)[];

/** The view that the address describes, by the schema of the page. */
export function useView<Search extends SharedSearch>(read: ReadSearch<Search>): View<Search> {
  const history = useHistory();
  const { search: text } = usePlace();
  const search = useMemo(() => read(parse(text)), [read, text]);
  const change = useCallback(
    (changes: Partial<Search>, step = Object.keys(changes).some((name) => STEPS.includes(name))) => {
      const { path, search: before } = history.place;
      history.go(path + stringify({ ...parse(before), ...changes }), step);
    },
    [history],
  );
  return { search, selection: selectionOf(search), change };
}
