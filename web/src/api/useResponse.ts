import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { ApiResponse, Parameters } from "./client.ts";
import { type ApiRequest, optionsOf, type Selection } from "./queries.ts";

/** What a response is about, with its path; other parameters only say how it is told. */
const ABOUT: readonly (keyof Selection | "mal_id")[] = ["catalogue", "source", "as_of", "mal_id"];

export interface Shown<Data> {
  /** The response, or as long as there is none, another one about the same: `params` says to what. */
  data: Data | undefined;
  /** Whether the response to another request is shown, as this one's has not come, or cannot. */
  isPlaceholder: boolean;
  isPending: boolean;
  isError: boolean;
  error: unknown;
  refetch: () => unknown;
}

/** What is known of a request. A choice wipes nothing: what stands there goes when the response has come. */
export function useResponse<Body, Params extends Parameters>(
  request: ApiRequest<Body, Params>,
  enabled = true,
): Shown<ApiResponse<Body, Params>> {
  type Own = ApiResponse<Body, Params>;
  const client = useQueryClient();
  const query = useQuery({ ...optionsOf(request), enabled });
  const { isError, error } = query;
  const { path } = request;
  const [last, setLast] = useState<{ path: string; data: Own }>();
  if (query.data && query.data !== last?.data) setLast({ path, data: query.data });
  const isSame = (other: Parameters) => ABOUT.every((name) => other[name] === request.params[name]);
  /** The newest response that other parts have had. */
  const newest = () =>
    client
      .getQueryCache()
      .findAll({ queryKey: [path] })
      .filter(({ queryKey, state }) => state.data !== undefined && isSame(queryKey[1] as Parameters))
      .sort((a, b) => b.state.dataUpdatedAt - a.state.dataUpdatedAt)[0]?.state.data as Own | undefined;
  const before = last?.path === path && isSame(last.data.params) ? last.data : newest();
  const data = query.data ?? before;
  return {
    data,
    isPlaceholder: data !== query.data,
    isPending: !data && query.isPending,
    isError,
    error,
    refetch: query.refetch,
  };
}
