// For looking at the page without a server: answers the API with invented data. With KANSOKU_URL set the real one answers.
import type { Plugin } from "vite";
import type { Since } from "../src/api/queries.ts";
import {
  foundTitles,
  genreDistribution,
  runDays,
  runs,
  seasonalTrend,
  sources,
  topAnime,
} from "../src/testing/fixtures.ts";

const ANSWERS: Record<string, (now: Date, query: URLSearchParams) => unknown> = {
  "/api/v1/sources": sources,
  "/api/v1/runs": runs,
  "/api/v1/titles": (now, query) => foundTitles(now, query.get("q") ?? ""),
  "/api/v1/runs/days": (now) => runDays(now),
  "/api/v1/analytics/top-anime": (now, query) =>
    topAnime(now, { since: (query.get("since") ?? "capture") as Since }),
  "/api/v1/analytics/genre-distribution": (now, query) =>
    genreDistribution(now, query.get("kind") ?? undefined),
  "/api/v1/analytics/seasonal-trend": seasonalTrend,
};

/** Serves the fixtures in `npm run dev`. */
export function fixtures(): Plugin {
  return {
    name: "kansoku-fixtures",
    configureServer(server) {
      server.middlewares.use((request, response, next) => {
        const url = new URL(request.url ?? "/", "http://localhost");
        const answer = ANSWERS[url.pathname];
        if (!answer) return next();
        response.setHeader("content-type", "application/json");
        response.end(JSON.stringify(answer(new Date(), url.searchParams)));
      });
    },
  };
}
