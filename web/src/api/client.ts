// Reads one resource, or sends one command. The only place that calls `fetch`.
import type { Command } from "./commands.ts";
import { asApiError, problemOf } from "./problem.ts";

export type Parameters = Readonly<Record<string, string | number | undefined>>;

/** The address of a resource with those parameters that are set. */
export function address(path: string, parameters: Parameters = {}): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined) query.set(name, String(value));
  }
  const text = query.toString();
  return `/api/v1/${path}${text ? `?${text}` : ""}`;
}

/** A body with the request's parameters, and the instant at which the server read it; an old response says its age. */
export type ApiResponse<Body, Params extends Parameters = Parameters> = Body & {
  params: Params;
  readAt: string;
};

/** The JSON body of a resource. Throws an `ApiError`, or the abort of `signal`. */
export async function read<Body>(
  path: string,
  params: Parameters,
  signal: AbortSignal,
): Promise<ApiResponse<Body>> {
  const response = await answered(address(path, params), { signal, headers: { accept: "application/json" } });
  const age = Number(response.headers.get("age") ?? 0) || 0;
  const readAt = new Date(Date.now() - age * 1000).toISOString();
  return { ...((await response.json()) as Body), params, readAt };
}

/** The JSON body of the answer to a command; an empty one is `null`. Throws an `ApiError`. */
export async function send<Result>({ method, path, body }: Command<Result>, csrf: string): Promise<Result> {
  const headers = { accept: "application/json", "content-type": "application/json", "x-csrf-token": csrf };
  const response = await answered(address(path), {
    method,
    headers,
    ...(body ? { body: typeof body === "string" ? body : JSON.stringify(body) } : {}),
  });
  const text = await response.text();
  return (text === "" ? null : JSON.parse(text)) as Result;
}

async function answered(url: string, init: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, init);
  } catch (error) {
    if (init.signal?.aborted) throw error;
    throw asApiError(error);
  }
  if (!response.ok) throw await problemOf(response);
  return response;
}
