import { itemPath } from "../../address/deadLetters.ts";
import { itemQuery } from "../../api/operator.ts";
import { useOperator, useSession } from "../../api/useOperator.ts";
import { instant } from "../../lib/dates.ts";
import { Visible } from "../../ui/Visible.tsx";

interface EditedProps {
  /** The dead letter that was replayed. */
  root: string;
  /** The number of the edit among its actions. */
  edit: number;
  at: string;
}

/** That an operator edited the text behind a number; who, why and where, for whoever is signed in. */
export function Edited({ root, edit, at }: EditedProps) {
  const { session } = useSession();
  const isIn = session != null;
  const detail = useOperator(itemQuery(root), isIn).data;
  const action = isIn ? detail?.actions.find(({ id }) => id === edit) : undefined;
  return (
    <>
      by {action ? <Visible>{action.actor}</Visible> : "an operator"} on{" "}
      <time dateTime={at}>{instant(at)}</time>
      {action?.reason && (
        <>
          : <Visible>{action.reason}</Visible>
        </>
      )}
      {isIn && (
        <>
          {" "}
          <a href={itemPath(root)}>Its dead letter</a>
        </>
      )}
    </>
  );
}
