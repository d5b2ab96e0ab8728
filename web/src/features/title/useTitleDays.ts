import { useMemo } from "react";
import { readTitle } from "../../address/title.ts";
import { type Range, titleDaysQuery, titleQuery } from "../../api/titles.ts";
import { useResponse } from "../../api/useResponse.ts";
import { type Episode, episodesUntil } from "../../lib/episodes.ts";
import { useView } from "../useView.ts";

const NONE: readonly Episode[] = [];

/** The days of the chosen range, and the episodes that may lie among them. */
export function useTitleDays(malId: number) {
  const { search, selection } = useView(readTitle);
  const range: Range = search.range ?? "90";
  const query = useResponse(titleDaysQuery(selection, malId, range));
  const title = useResponse(titleQuery(selection, malId)).data?.data;
  const last = query.data?.data.days.at(-1)?.day;
  const episodes = useMemo(
    () => (title && last !== undefined ? episodesUntil(title, last) : NONE),
    [title, last],
  );
  const first = query.data?.data.days[0]?.day;
  /** Whether some are drawn; while the title is not known, most have some. */
  const hasEpisodes = title && first !== undefined ? episodes.some(({ day }) => day >= first) : true;
  return { query, episodes, range, hasEpisodes, title };
}
