// The operator's part of the API as the component tests see it.
import { HttpResponse, http } from "msw";
import { READS } from "./operator.ts";
import { API, server } from "./server.ts";

export const OPERATOR = `${API}/operator`;

/** A command that came. */
export interface Sent {
  method: string;
  path: string;
  csrf: string | null;
  body: unknown;
}

const others = new Map<string, { body: object; status: number }>();

/** Answers one resource otherwise, once `operate` has been called. */
export function answerWith(path: string, body: object, status = 200): void {
  others.set(path, { body, status });
}

/** Answers what is read; commands are kept, and answered by what `answers` has for their path. */
export function operate(answers: Readonly<Record<string, unknown>> = {}): Sent[] {
  const sent: Sent[] = [];
  others.clear();
  server.use(
    http.all(`${OPERATOR}/*`, async ({ request }) => {
      const url = new URL(request.url);
      const path = decodeURIComponent(url.pathname.split("/operator/")[1] ?? "");
      const isRead = request.method === "GET";
      if (!isRead) {
        const text = await request.text();
        const csrf = request.headers.get("x-csrf-token");
        sent.push({ method: request.method, path, csrf, body: text === "" ? null : JSON.parse(text) });
      }
      const other = others.get(path);
      if (other) return HttpResponse.json(other.body, { status: other.status });
      return HttpResponse.json((isRead ? read(path, url.searchParams) : (answers[path] ?? {})) as object);
    }),
  );
  return sent;
}

function read(path: string, query: URLSearchParams): unknown {
  for (const [pattern, answer] of READS) {
    const parts = pattern.exec(path);
    if (parts) return answer(query, parts.slice(1));
  }
  throw new Error(`no answer for ${path}`);
}
