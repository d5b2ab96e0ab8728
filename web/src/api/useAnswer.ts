import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { Answer, Parameters } from "./client.ts";
import { optionsOf, type Question, type Selection } from "./queries.ts";

const SAME: readonly (keyof Selection)[] = ["catalogue", "source", "as_of"];

export interface Shown<Data> {
  /** The answer, or as long as there is none, another one about the same captures: `asked` says to what. */
  data: Data | undefined;
  /** Whether the answer to another question is shown, as this one's has not come, or cannot. */
  isPlaceholder: boolean;
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
  type Own = Answer<Body, Asked>;
  const client = useQueryClient();
  const query = useQuery({ ...optionsOf(question), enabled });
  const { isError, error } = query;
  const [last, setLast] = useState<Own>();
  if (query.data && query.data !== last) setLast(query.data);
  const isSame = (other: Parameters) => SAME.every((name) => other[name] === question.asked[name]);
  /** The newest answer that other parts have had. */
  const newest = () =>
    client
      .getQueryCache()
      .findAll({ queryKey: [question.path] })
      .filter(({ queryKey, state }) => state.data !== undefined && isSame(queryKey[1] as Parameters))
      .sort((a, b) => b.state.dataUpdatedAt - a.state.dataUpdatedAt)[0]?.state.data as Own | undefined;
  const data = query.data ?? (last && isSame(last.asked) ? last : newest());
  return {
    data,
    isPlaceholder: data !== query.data,
    isPending: !data && query.isPending,
    isError,
    error,
    // What failed together is asked again together.
    refetch: () =>
      client.refetchQueries({ type: "active", predicate: ({ state }) => state.status === "error" }),
  };
}
