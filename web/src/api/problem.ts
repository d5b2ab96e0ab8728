// A request that failed, with what the reader needs: the reason and the id to quote.
import type { Problem } from "./types.gen.ts";

export class ApiError extends Error {
  override name = "ApiError";

  constructor(
    message: string,
    /** The HTTP status; 0 where no answer came. */
    readonly status: number,
    /** The id that stands in the server's logs. */
    readonly requestId: string | null,
    /** The query parameter that was refused. */
    readonly parameter: string | null = null,
    /** What else the answer says. */
    readonly more: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
  }

  /** Whether another request may help. */
  get passing(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

/** The error in an answer that is not a success: an RFC 9457 problem, or whatever a proxy has put there. */
export async function problemOf(response: Response): Promise<ApiError> {
  const header = response.headers.get("x-request-id");
  const plain = `The server answered ${response.status}${response.statusText ? ` (${response.statusText})` : ""}.`;
  if (!response.headers.get("content-type")?.includes("json"))
    return new ApiError(plain, response.status, header);
  try {
    const body = (await response.json()) as Partial<Problem>;
    const { detail, title, parameter = null, request_id: id = header, ...more } = body;
    return new ApiError(detail ?? title ?? plain, response.status, id, parameter, more);
  } catch {
    return new ApiError(plain, response.status, header);
  }
}

/** Whether what was asked for does not exist. */
export function isUnknown(error: unknown): boolean {
  return error instanceof ApiError && error.status === 404;
}

/** Any thrown thing as an `ApiError`. */
export function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  return new ApiError("No answer came from the server. Is it running, and is this machine online?", 0, null);
}
