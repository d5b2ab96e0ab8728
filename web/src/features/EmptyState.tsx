import { readShared } from "../address/shared.ts";
import { Empty } from "../ui/States.tsx";
import type { EmptyReason } from "./emptyReason.ts";
import { useView } from "./useView.ts";

/** Why there is nothing, and the next step as a change of the address. */
export function EmptyState({ why: { reason, hint, action } }: { why: EmptyReason }) {
  const { change } = useView(readShared);
  return (
    <Empty
      reason={reason}
      hint={hint}
      action={action && { name: action.name, onClick: () => change(action.change) }}
    />
  );
}
