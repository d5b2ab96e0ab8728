import { render } from "@testing-library/preact";
import { expect, it } from "vitest";
import { daysOf } from "../../testing/titleDays.ts";
import { captionOf } from "./captionOf.ts";
import { dayWords } from "./lineWords.tsx";

it("sets what members have changed beside their number", () => {
  const [before, day] = daysOf("2026-12-31", [8.3, 8.4]);
  const around = { measure: "score", episodes: [], newest: day?.day } as const;
  const { container } = render(<p>{dayWords(day, before, around).values}</p>);
  expect(container.lastElementChild?.textContent).toContain("members 10,100 +100");
  expect(container.textContent).not.toContain("in a day");
});

it("names the year of a day of another one", () => {
  const [before] = daysOf("2026-12-31", [8.3]);
  const words = dayWords(before, undefined, { measure: "score", episodes: [], newest: "2027-01-01" });
  expect(words.name).toBe("31 Dec 2026");
  expect(words.text).toMatch(/^31 Dec 2026: score 8\.30/);
});

it("begins a picture's words with the title's name", () => {
  const named = { title: "Sumi no Kanata", title_english: "Beyond the Ink", title_japanese: null };
  expect(captionOf(named, undefined, "The score held")).toBe("Beyond the Ink: The score held");
  expect(captionOf(named, "romaji", "The score held")).toBe("Sumi no Kanata: The score held");
  expect(captionOf(undefined, "romaji", "The score held")).toBe("The score held");
});
