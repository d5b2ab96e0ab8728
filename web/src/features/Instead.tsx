import type { Shown } from "../api/useAnswer.ts";
import { Failure, type Room, Skeleton } from "../ui/States.tsx";
import type { Emptiness } from "./emptiness.ts";
import { Nothing } from "./Nothing.tsx";
import { refusedChoice } from "./useFallback.ts";
import { useView } from "./useView.ts";

interface InsteadProps {
  query: Shown<unknown>;
  /** Why there are no rows; `null` while there are some, or none have come yet. */
  empty: Emptiness | null;
  /** What is asked for, at the start of a sentence: "The ranking". */
  what: string;
  /** The room of the drawing to come. */
  room: Room;
}

/** What stands in a drawing's place: the room for it, the reason that there is none, or what failed. */
export function Instead({ query, empty, what, room }: InsteadProps) {
  const { search } = useView();
  if (query.isPending || refusedChoice(query.error, search)) return <Skeleton {...room} />;
  if (query.isError && !query.data)
    return <Failure what={what} error={query.error} onRetry={() => void query.refetch()} />;
  return empty && <Nothing why={empty} />;
}
