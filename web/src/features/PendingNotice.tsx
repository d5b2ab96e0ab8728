import { asApiError } from "../api/problem.ts";
import type { Shown } from "../api/useResponse.ts";
import { capital } from "../lib/format.ts";
import { Late } from "./Late.tsx";

interface PendingNoticeProps {
  query: Shown<unknown>;
  /** What was chosen: "studios". */
  what: string;
  /** What stands there instead: "genres". */
  shown: string;
}

/** While another choice's numbers stand there: that the chosen ones are on their way, or could not be read. */
export function PendingNotice({ query, what, shown }: PendingNoticeProps) {
  if (!query.isPlaceholder) return null;
  if (!query.isError) return <Late>{`Reading ${what}; ${shown} are shown.`}</Late>;
  const { requestId } = asApiError(query.error);
  return (
    <>
      {`${capital(what)} could not be read; ${shown} are shown. `}
      {requestId && (
        <>
          Request <code>{requestId}</code>.{" "}
        </>
      )}
      <button type="button" onClick={() => void query.refetch()}>
        Try again
      </button>
    </>
  );
}
