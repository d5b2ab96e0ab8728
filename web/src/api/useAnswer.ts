import { type Query, useQuery, useQueryClient } from "@tanstack/react-query";
import type { Answer, Parameters } from "./client.ts";
import { optionsOf, type Question, type Selection } from "./queries.ts";

const SAME: readonly (keyof Selection)[] = ["catalogue", "source", "as_of"];

export interface Shown<Data> {
  /** The answer, or as long as there is none, the newest one about the same captures: `asked` says to what. */
  data: Data | undefined;
  /** Whether the answer to another question is shown until this one's has come. */
  isKept: boolean;
  isPending: boolean;
  isError: boolean;
  error: unknown;
  refetch: () => unknown;
}

/** What is known of a question. A choice wipes nothing: what stands there goes when the answer has come. */
export function useAnswer<Body, Asked extends Parameters>(
  question: Question<Body, Asked>,
  enabled = true,
): Shown<Answer<Body, Asked>> {
  const cache = useQueryClient().getQueryCache();
  const query = useQuery({ ...optionsOf(question), enabled });
  const { isError, error, refetch } = query;
  const kept = query.data ? undefined : newest(cache.findAll({ queryKey: [question.path] }), question.asked);
  const data = query.data ?? (kept as Answer<Body, Asked> | undefined);
  return {
    data,
    isKept: kept !== undefined && !isError,
    isPending: !data && query.isPending,
    isError,
    error,
    refetch,
  };
}

/** The newest answer about the captures asked for. */
function newest(queries: readonly Query[], asked: Parameters): unknown {
  const same = queries.filter(({ queryKey, state }) => {
    const other = queryKey[1] as Parameters;
    return state.data !== undefined && SAME.every((name) => other[name] === asked[name]);
  });
  return same.sort((a, b) => b.state.dataUpdatedAt - a.state.dataUpdatedAt)[0]?.state.data;
}
