import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { optionsOf } from "../../api/queries.ts";
import type { Catalogue, FoundTitle, TitlesResponse } from "../../api/types.gen.ts";
import { useSettled } from "./useSettled.ts";

const LIMIT = 10;

export interface Found {
  /** Those for the text, or until they have come, those for the text before; `null` before the first. */
  titles: readonly FoundTitle[] | null;
  /** Whether these are the titles for the text, and not for one before. */
  isCurrent: boolean;
  error: unknown;
  retry: () => void;
}

/** The titles with a name like the text, best first. An empty text is not asked for. */
export function useFound(text: string, catalogue: Catalogue | undefined): Found {
  const asked = useSettled(text);
  const query = useQuery({
    ...optionsOf<TitlesResponse, { q: string }>({
      path: "titles",
      params: { catalogue, q: asked, limit: LIMIT },
    }),
    enabled: asked !== "" && text !== "",
    placeholderData: keepPreviousData,
    refetchInterval: false,
    retry: false,
  });
  return {
    titles: query.data?.data.titles ?? null,
    isCurrent: asked === text && query.isSuccess && !query.isPlaceholderData,
    error: asked === text ? query.error : null,
    retry: () => void query.refetch(),
  };
}
