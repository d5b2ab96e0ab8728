import { createRootRoute, createRoute, createRouter, type RouterHistory } from "@tanstack/react-router";
import { Broken, NotFound } from "./routes/ErrorPages.tsx";
import { Overview } from "./routes/Overview.tsx";
import { parse, readSearch, stringify } from "./routes/search.ts";

const rootRoute = createRootRoute({ notFoundComponent: NotFound, errorComponent: Broken });

const overviewRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/",
  component: Overview,
  validateSearch: readSearch,
});

/** The pages. A test brings its own history. */
export function makeRouter(history?: RouterHistory) {
  return createRouter({
    routeTree: rootRoute.addChildren([overviewRoute]),
    parseSearch: parse,
    stringifySearch: stringify,
    ...(history === undefined ? {} : { history }),
  });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
}
