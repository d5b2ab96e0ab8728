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
import { READS } from "../src/testing/operator.ts";
import { journey, similarTitles, title, titleDays, titleWeeks } from "../src/testing/titlePage.ts";

type Answer = (now: Date, query: URLSearchParams, parts: string[]) => unknown;

const ANSWERS: readonly (readonly [path: RegExp, answer: Answer])[] = [
  [/^sources$/, sources],
  [/^runs$/, runs],
  [/^runs\/days$/, (now) => runDays(now)],
  [
    /^analytics\/top-anime$/,
    (now, query) => topAnime(now, { since: (query.get("since") ?? "capture") as Since }),
  ],
  [/^analytics\/genre-distribution$/, (now, query) => genreDistribution(now, query.get("kind") ?? undefined)],
  [/^analytics\/seasonal-trend$/, seasonalTrend],
  [/^titles$/, (now, query) => foundTitles(now, query.get("q") ?? "")],
  [/^titles\/(90\d\d)$/, (now, _, [id]) => title(now, { mal_id: Number(id) })],
  [/^analytics\/titles\/\d+\/days$/, (now, query) => titleDays(now, Number(query.get("days") ?? 3660))],
  [/^analytics\/titles\/\d+\/weeks$/, (now) => titleWeeks(now)],
  [/^analytics\/titles\/\d+\/similar$/, (now) => similarTitles(now)],
  [/^journey\/\d+\/(\d+)$/, (_, query, [seq]) => journey(Number(seq), Number(query.get("mal_id")) || null)],
  ...(READS.map(
    ([path, answer]) =>
      [
        new RegExp(path.source.replace("^", "^operator/")),
        (_, query, parts) => answer(query, parts),
      ] as const,
  ) satisfies (readonly [RegExp, Answer])[]),
];

const BASE = "/api/v1/";

/** Serves the fixtures in `npm run dev`. */
export function fixtures(): Plugin {
  return {
    name: "kansoku-fixtures",
    configureServer(server) {
      server.middlewares.use((request, response, next) => {
        const url = new URL(request.url ?? "/", "http://localhost");
        const path = url.pathname.startsWith(BASE) ? url.pathname.slice(BASE.length) : "";
        for (const [pattern, answer] of ANSWERS) {
          const parts = pattern.exec(path);
          if (!parts) continue;
          response.setHeader("content-type", "application/json");
          response.end(JSON.stringify(answer(new Date(), url.searchParams, parts.slice(1))));
          return;
        }
        next();
      });
    },
  };
}
