import { act, renderHook } from "@testing-library/preact";
import { expect, it, vi } from "vitest";
import { near } from "../lib/dates.ts";
import { useNow } from "./useNow.ts";

it("calls yesterday no longer today on a page left open", () => {
  vi.useFakeTimers({ now: new Date("2026-11-23T23:59:30Z") });
  const { result } = renderHook(() => near("2026-11-23T04:12:00Z", useNow()));
  expect(result.current).toBe("today at 04:12 UTC");
  act(() => void vi.advanceTimersByTime(60_000));
  expect(result.current).toBe("yesterday at 04:12 UTC");
  vi.useRealTimers();
});
