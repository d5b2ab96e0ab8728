import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { type RouterHistory, RouterProvider } from "@tanstack/react-router";
import { useState } from "react";
import { asApiError } from "./api/problem.ts";
import { makeRouter } from "./router.tsx";

const TRIES = 2;

function makeClient(tries: number) {
  return new QueryClient({
    defaultOptions: {
      queries: {
        retry: (failed, error) => failed < tries && asApiError(error).passing,
        // The browser's word for being offline says nothing of an API on the reader's own machine: asking tells.
        networkMode: "always",
        refetchOnReconnect: true,
      },
    },
  });
}

interface AppProps {
  history?: RouterHistory;
  /** How often a failed request is repeated before it is shown as failed. */
  tries?: number;
}

/** The whole dashboard. */
export function App({ history, tries = TRIES }: AppProps) {
  const [client] = useState(() => makeClient(tries));
  const [router] = useState(() => makeRouter(history));
  return (
    <QueryClientProvider client={client}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  );
}
