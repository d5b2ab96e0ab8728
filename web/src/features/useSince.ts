import { readOverview } from "../address/overview.ts";
import { type Since, topAnimeQuery } from "../api/queries.ts";
import { useResponse } from "../api/useResponse.ts";
import { useView } from "./useView.ts";

/**
 * What the ranking is compared with. Where the address does not say, it is the week before: within the minutes or hours
 * since the last capture hardly a title moves. While no capture is that old, it is the last one.
 */
export function useSince(): Since {
  const { search, selection } = useView(readOverview);
  const { data, isPlaceholder } = useResponse(topAnimeQuery(selection, "week"), search.since === undefined);
  if (search.since) return search.since;
  const isTooYoung = data && !isPlaceholder && data.data.run && !data.data.previous;
  return isTooYoung ? "capture" : "week";
}
