// The API as the component tests see it.
import { HttpResponse, http } from "msw";
import { setupServer } from "msw/node";
import type { Since } from "../api/queries.ts";
import {
  foundTitles,
  genreDistribution,
  runDays,
  runs,
  seasonalTrend,
  sources,
  topAnime,
} from "./fixtures.ts";
import { journey, similarTitles, title, titleDays, titleWeeks } from "./titlePage.ts";

/** The instant the fixtures are built for. */
export const NOW = new Date("2026-11-23T12:00:00Z");

export const API = "*/api/v1";

export const server = setupServer(
  http.get(`${API}/sources`, () => HttpResponse.json(sources(NOW))),
  http.get(`${API}/runs`, () => HttpResponse.json(runs(NOW))),
  http.get(`${API}/titles`, ({ request }) =>
    HttpResponse.json(foundTitles(NOW, new URL(request.url).searchParams.get("q") ?? "")),
  ),
  http.get(`${API}/runs/days`, () => HttpResponse.json(runDays(NOW))),
  http.get(`${API}/analytics/top-anime`, ({ request }) => {
    const since = new URL(request.url).searchParams.get("since") as Since;
    return HttpResponse.json(topAnime(NOW, { since }));
  }),
  http.get(`${API}/analytics/genre-distribution`, ({ request }) =>
    HttpResponse.json(genreDistribution(NOW, new URL(request.url).searchParams.get("kind") ?? undefined)),
  ),
  http.get(`${API}/analytics/seasonal-trend`, () => HttpResponse.json(seasonalTrend(NOW))),
  http.get(`${API}/titles/:id`, ({ params }) => HttpResponse.json(title(NOW, { mal_id: Number(params.id) }))),
  http.get(`${API}/analytics/titles/:id/days`, ({ request }) =>
    HttpResponse.json(titleDays(NOW, Number(new URL(request.url).searchParams.get("days") ?? 3660))),
  ),
  http.get(`${API}/analytics/titles/:id/weeks`, () => HttpResponse.json(titleWeeks(NOW))),
  http.get(`${API}/analytics/titles/:id/similar`, () => HttpResponse.json(similarTitles(NOW))),
  http.get(`${API}/journey/:epoch/:seq`, ({ request, params }) => {
    const id = new URL(request.url).searchParams.get("mal_id");
    return HttpResponse.json(journey(Number(params.seq), id === null ? null : Number(id)));
  }),
);

/** Holds back every answer of a resource until one is given. */
export function holdBack(path: string): (body: object) => Promise<void> {
  let give: (body: object) => void = () => {};
  const given = new Promise<object>((resolve) => {
    give = resolve;
  });
  const asked = new Promise<void>((resolve) => {
    server.use(
      http.get(`${API}/${path}`, async () => {
        resolve();
        return HttpResponse.json(await given);
      }),
    );
  });
  return async (body) => {
    await asked;
    give(body);
  };
}
