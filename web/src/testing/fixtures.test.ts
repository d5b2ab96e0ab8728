import { expect, it } from "vitest";
import { dayOf } from "../lib/dates.ts";
import { topAnime } from "./fixtures.ts";
import { NOW } from "./server.ts";

it.each(["capture", "day", "week"] as const)(
  "the ranking since a %s is one that the API can send",
  (since) => {
    const { meta, data } = topAnime(NOW, { days: 30, since });
    expect(meta.captured_at).toBe(data.run?.captured_at);
    const [shown, before] = [data.run, data.previous].map((run) => Date.parse(run?.captured_at ?? ""));
    expect((shown ?? 0) - (before ?? 0)).toBeGreaterThanOrEqual(
      { capture: 1, day: 1, week: 7 }[since] * 86_400_000,
    );
    for (const title of data.titles) {
      expect(title.spark).toHaveLength(30);
      expect(title.spark.at(-1)).toEqual({
        day: dayOf(title.origin.captured_at),
        score: title.score,
        observed: true,
      });
      expect(title.move).toBe(title.previous_place === null ? null : title.previous_place - title.place);
      const then =
        title.spark.find(({ day }) => day === dayOf(data.previous?.captured_at ?? ""))?.score ?? null;
      const change = then === null ? null : Number(((title.score ?? 0) - then).toFixed(2));
      expect(title.score_change).toBe(change);
    }
    expect(data.titles.map(({ place }) => place)).toEqual(data.titles.map((_, index) => index + 1));
  },
);
