import { readShared } from "../address/shared.ts";
import type { Shown } from "../api/useResponse.ts";
import { Failure, type Room, Skeleton } from "../ui/States.tsx";
import { EmptyState } from "./EmptyState.tsx";
import type { EmptyReason } from "./emptyReason.ts";
import { refusedChoice } from "./useFallback.ts";
import { useView } from "./useView.ts";

interface QueryBoundaryProps {
  query: Shown<unknown>;
  /** Why there are no rows; `null` while there are some, or none have come yet. */
  empty: EmptyReason | null;
  /** What is requested, at the start of a sentence: "The ranking". */
  what: string;
  /** The room of the drawing to come. */
  room: Room;
}

/** What stands in a drawing's place: the room for it, the reason that there is none, or what failed. */
export function QueryBoundary({ query, empty, what, room }: QueryBoundaryProps) {
  const { search } = useView(readShared);
  if (query.isPending || refusedChoice(query.error, search)) return <Skeleton {...room} />;
  if (query.isError && !query.data)
    return <Failure what={what} error={query.error} onRetry={() => void query.refetch()} />;
  return empty && <EmptyState why={empty} />;
}
