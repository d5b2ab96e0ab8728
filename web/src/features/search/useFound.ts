import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { optionsOf } from "../../api/queries.ts";
import type { Catalogue, Meta } from "../../api/types.gen.ts";
import type { Titled } from "../../lib/titles.ts";
import { useSettled } from "./useSettled.ts";

/** A title that has a name like the text. */
export interface FoundTitle extends Titled {
  /** The name that is like it. */
  matched: string;
  type: string | null;
  season: string | null;
  year: number | null;
  score: number | null;
  members: number | null;
  image: string | null;
}

interface TitlesResponse {
  meta: Meta;
  data: { titles: FoundTitle[] };
}

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
