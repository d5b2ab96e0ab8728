import { JOBS_PATH } from "../../address/deadLetters.ts";
import { isUnknown } from "../../api/problem.ts";
import type { Shown } from "../../api/useResponse.ts";
import { LinkButton } from "../../ui/Button.tsx";
import { Failure } from "../../ui/States.tsx";

interface UnreadProps {
  /** What is not there: "The replay". */
  what: string;
  query: Pick<Shown<unknown>, "error" | "refetch">;
}

/** In place of a replay or a dry run: the way to those that there are where nobody knows it, and else why. */
export function Unread({ what, query: { error, refetch } }: UnreadProps) {
  return isUnknown(error) ? (
    <p>
      <LinkButton href={JOBS_PATH}>All replays and dry runs</LinkButton>
    </p>
  ) : (
    <Failure what={what} error={error} onRetry={() => void refetch()} />
  );
}
