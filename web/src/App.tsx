import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { useState } from "react";
import { asApiError } from "./api/problem.ts";
import { browserHistory, type History } from "./router/history.ts";
import { HistoryContext } from "./router/useHistory.ts";
import { useLinks } from "./router/useLinks.ts";
import { ErrorBoundary } from "./routes/ErrorBoundary.tsx";
import { Layout } from "./routes/Layout.tsx";
import { isPage, Page } from "./routes/routes.tsx";

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
  history?: History;
  /** How often a failed request is repeated before it is shown as failed. */
  tries?: number;
}

/** The whole dashboard. */
export function App({ history, tries = TRIES }: AppProps) {
  const [client] = useState(() => makeClient(tries));
  const [own] = useState(() => history ?? browserHistory(window));
  return (
    <QueryClientProvider client={client}>
      <HistoryContext value={own}>
        <ErrorBoundary>
          <Pages />
        </ErrorBoundary>
      </HistoryContext>
    </QueryClientProvider>
  );
}

function Pages() {
  useLinks(isPage);
  return (
    <Layout>
      <Page />
    </Layout>
  );
}
