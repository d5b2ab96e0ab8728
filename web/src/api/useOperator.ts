import { keepPreviousData, type QueryClient, useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";
import { send } from "./client.ts";
import type { Command } from "./commands.ts";
import { OPERATOR, type Session, sessionQuery } from "./operator.ts";
import { type ApiError, asApiError } from "./problem.ts";
import { type ApiRequest, optionsOf } from "./queries.ts";
import type { Shown } from "./useResponse.ts";

const SESSION = optionsOf(sessionQuery());
/** Whoever comes back to a page sees what has happened since. */
const FRESH_MS = 1_000;
const REFUSED = 401;
const CONFLICT = 409;

/** Whose session it is: `null` where nobody is signed in, and undefined until that is known. */
export function useSession(): {
  session: Session | null | undefined;
  error: ApiError | null;
  retry: () => void;
} {
  const query = useQuery(SESSION);
  const error = query.error ? asApiError(query.error) : null;
  const isOut = error?.status === REFUSED;
  return {
    session: isOut ? null : query.data,
    error: query.data ? null : error,
    retry: () => void query.refetch(),
  };
}

/** What is known of an operator's request. The answer to the choice before stays until the new one has come. */
export function useOperator<Body>(request: ApiRequest<Body>, enabled = true): Shown<Body> {
  const client = useQueryClient();
  const query = useQuery({
    ...optionsOf(request),
    staleTime: FRESH_MS,
    enabled,
    placeholderData: keepPreviousData,
  });
  const { data, isPlaceholderData: isPlaceholder, isPending, isError, error, refetch } = query;
  const isOut = isError && asApiError(error).status === REFUSED;
  useEffect(() => {
    if (isOut) void client.invalidateQueries({ queryKey: SESSION.queryKey });
  }, [client, isOut]);
  return { data: data as Body | undefined, isPlaceholder, isPending, isError, error, refetch };
}

/** Reads a request anew whenever `seen`, what somebody watches, has become another; undefined until it is known. */
export function useReadAnew<Body>(request: ApiRequest<Body>, seen: string | undefined): void {
  const client = useQueryClient();
  const before = useRef(seen);
  useEffect(() => {
    if (before.current !== undefined && before.current !== seen)
      void client.invalidateQueries({ queryKey: optionsOf(request).queryKey });
    before.current = seen;
  }, [client, request, seen]);
}

/** Everything that an operator has read is read anew. */
function readAnew(client: QueryClient): Promise<void> {
  return client.invalidateQueries({ predicate: isOperators });
}

/** Nothing that an operator has read stays, but that nobody is signed in. */
export function forget(client: QueryClient): void {
  client.removeQueries({
    predicate: (query) => isOperators(query) && query.queryKey[0] !== SESSION.queryKey[0],
  });
}

function isOperators({ queryKey }: { queryKey: readonly unknown[] }): boolean {
  return String(queryKey[0]).startsWith(OPERATOR);
}

interface Commander {
  /** Sends a command; null where it was refused, and `error` then says why. */
  run: <Result>(command: Command<Result>) => Promise<Result | null>;
  isBusy: boolean;
  error: ApiError | null;
  /** Whether another operator was first. */
  isConflict: boolean;
  clear: () => void;
}

/** Sends commands, one at a time, and shows what they have changed. */
export function useCommand(): Commander {
  const client = useQueryClient();
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const run = useCallback(
    async <Result>(command: Command<Result>): Promise<Result | null> => {
      setBusy(true);
      setError(null);
      try {
        const result = await send(command, client.getQueryData<Session>(SESSION.queryKey)?.csrf ?? "");
        await readAnew(client);
        return result;
      } catch (thrown) {
        const problem = asApiError(thrown);
        setError(problem);
        // What the other one did is to be seen.
        if (problem.status === CONFLICT || problem.status === REFUSED) await readAnew(client);
        return null;
      } finally {
        setBusy(false);
      }
    },
    [client],
  );
  const clear = useCallback(() => setError(null), []);
  return { run, isBusy, error, isConflict: error?.status === CONFLICT, clear };
}
