import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, renderHook, waitFor } from "@testing-library/preact";
import { HttpResponse, http } from "msw";
import type { ComponentChildren } from "preact";
import type { ReactNode } from "react";
import { describe, expect, it } from "vitest";
import { API, server } from "../testing/server.ts";
import type { Parameters } from "./client.ts";
import { type Shown, useResponse } from "./useResponse.ts";

interface Asked {
  path: string;
  params?: Parameters;
}

function wrapper() {
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  return ({ children }: { children: ComponentChildren }) => (
    <QueryClientProvider client={client}>{children as ReactNode}</QueryClientProvider>
  );
}

/** Requests resources one after the other, as one part of a page does. */
function ask(first: Asked) {
  const { result, rerender } = renderHook(
    ({ path, params = {} }: Asked): Shown<{ name: string }> =>
      useResponse<{ name: string }, Parameters>({ path, params }),
    { initialProps: first, wrapper: wrapper() },
  );
  return { shown: () => result.current, change: rerender };
}

/** Answers once with a name, then never. */
function answerOnce(path: string, name: string): void {
  server.use(
    http.get(`${API}/${path}`, () => HttpResponse.json({ name }), { once: true }),
    http.get(`${API}/${path}`, () => new Promise<Response>(() => {})),
  );
}

describe("what is shown while a response is pending", () => {
  it.each<[string, Asked, Asked]>([
    ["another title", { path: "titles/1" }, { path: "titles/2" }],
    [
      "another title's row in a page",
      { path: "journey/1/2", params: { mal_id: 1 } },
      { path: "journey/1/2", params: { mal_id: 2 } },
    ],
    ["other captures", { path: "titles/1" }, { path: "titles/1", params: { catalogue: "mal" } }],
  ])("is never that of %s", async (_, first, second) => {
    answerOnce(first.path, "the first");
    if (second.path !== first.path)
      server.use(http.get(`${API}/${second.path}`, () => new Promise<Response>(() => {})));
    const { shown, change } = ask(first);
    await waitFor(() => expect(shown().data?.name).toBe("the first"));
    change(second);
    expect([shown().data, shown().isPlaceholder, shown().isPending]).toEqual([undefined, false, true]);
  });

  it("is what the same title showed before by another choice", async () => {
    answerOnce("titles/1", "the first");
    const { shown, change } = ask({ path: "titles/1" });
    await waitFor(() => expect(shown().data?.name).toBe("the first"));
    change({ path: "titles/1", params: { days: 7 } });
    expect([shown().data?.name, shown().isPlaceholder, shown().isPending]).toEqual([
      "the first",
      true,
      false,
    ]);
  });
});

describe("another attempt", () => {
  it("sends its own request again, and none of those that failed elsewhere", async () => {
    const sent = { runs: 0, sources: 0 };
    for (const path of ["runs", "sources"] as const)
      server.use(
        http.get(`${API}/${path}`, () => {
          sent[path] += 1;
          return HttpResponse.error();
        }),
      );
    const { result } = renderHook(
      () =>
        [useResponse({ path: "runs", params: {} }), useResponse({ path: "sources", params: {} })] as const,
      { wrapper: wrapper() },
    );
    await waitFor(() => expect(result.current.map((shown) => shown.isError)).toEqual([true, true]));
    await act(async () => void (await result.current[0].refetch()));
    expect(sent).toEqual({ runs: 2, sources: 1 });
  });
});
