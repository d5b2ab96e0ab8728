import { render } from "@testing-library/preact";
import { expect, it } from "vitest";
import { memoryHistory } from "../../router/history.ts";
import { HistoryContext } from "../../router/useHistory.ts";
import { daysOf } from "../../testing/titleDays.ts";
import table from "../../ui/DataTable.module.css";
import { extent } from "./episodeBars.ts";
import { LineRows } from "./LineRows.tsx";
import { sourceOf } from "./WeeksSection.tsx";

it("keeps the day, the measure drawn and the members in a narrow table", () => {
  const { container } = render(
    <HistoryContext value={memoryHistory("/title/9001")}>
      <LineRows days={daysOf("2026-10-01", [8.3, null])} measure="rank" />
    </HistoryContext>,
  );
  const kept = [...container.querySelectorAll("thead th")].filter(
    (one) => !one.classList.contains(table.narrow ?? ""),
  );
  expect(kept.map((one) => one.textContent)).toEqual(["2 days", "Rank", "Members"]);
});

it("fills no column with a small change", () => {
  expect(extent([0.01, "not observed"], 0.1)).toEqual([0, 0.1]);
  expect(extent([-0.02, 0.01], 0.1)[0]).toBeCloseTo(-0.09);
  expect(extent([0.3, -0.1], 0.1)).toEqual([-0.1, 0.3]);
  expect(extent([])).toEqual([0, 0]);
});

it("says how many of the weeks are drawn", () => {
  expect(sourceOf(["jikan"], 11, 9)).toBe("Source: jikan. The last 9 of 11 weeks.");
  expect(sourceOf(["jikan"], 11, 11)).toBe("Source: jikan. 11 weeks.");
  expect(sourceOf([], 0, 0)).toBe("Nothing was observed.");
});
