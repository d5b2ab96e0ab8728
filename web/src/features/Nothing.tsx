import { Empty } from "../ui/States.tsx";
import type { Emptiness } from "./emptiness.ts";
import { useView } from "./useView.ts";

/** Why there is nothing, and the next step as a change of the address. */
export function Nothing({ why: { reason, hint, action } }: { why: Emptiness }) {
  const { change } = useView();
  return (
    <Empty
      reason={reason}
      hint={hint}
      action={action && { name: action.name, onClick: () => change(action.change) }}
    />
  );
}
