import { readTitle } from "../../address/title.ts";
import { titleQuery } from "../../api/titles.ts";
import type { TitleDaysResponse } from "../../api/types.gen.ts";
import { type Shown, useResponse } from "../../api/useResponse.ts";
import { day } from "../../lib/dates.ts";
import { Empty, Failure, type Room, Skeleton } from "../../ui/States.tsx";
import { refusedChoice } from "../useFallback.ts";
import { useView } from "../useView.ts";

interface LineStateProps {
  malId: number;
  query: Shown<TitleDaysResponse>;
  /** How many of the days shown were observed. */
  observed: number;
  room: Room;
}

/** What stands in the line's place: its room, what failed, or why there is none and the next step. */
export function LineState({ malId, query, observed, room }: LineStateProps) {
  const { search, selection, change } = useView(readTitle);
  const title = useResponse(titleQuery(selection, malId), false).data?.data;
  if (query.isPending || refusedChoice(query.error, search)) return <Skeleton {...room} />;
  if (!query.data)
    return <Failure what="The line" error={query.error} onRetry={() => void query.refetch()} />;
  if (observed > 0) return null;
  const { days } = query.data.data;
  if (days.length > 0 && search.range !== "all") {
    return (
      <Empty
        reason="Nothing was observed in these days."
        hint="Other days may have been."
        action={{ name: "Show all days", onClick: () => change({ range: "all" }) }}
      />
    );
  }
  if (search.as_of) {
    return (
      <Empty
        reason={`This title had not been observed by ${day(search.as_of)}.`}
        hint="Later captures may have it."
        action={{ name: "Show the newest", onClick: () => change({ as_of: undefined }) }}
      />
    );
  }
  if (search.source) {
    return (
      <Empty
        reason={`${search.source} has not observed this title.`}
        hint="Other sources of this catalogue may have."
        action={{ name: "Show all sources", onClick: () => change({ source: undefined }) }}
      />
    );
  }
  return (
    <Empty
      reason="This title has not been observed."
      hint={
        title?.name_only
          ? "Only an imported history names it; its line begins with the first capture that has it."
          : "Its line begins with the first capture of a list that has it."
      }
    />
  );
}
