import { useState } from "react";

interface ReadoutState {
  index: number;
  /** Whether somebody has moved it: only then the drawing shows a crosshair. */
  moved: boolean;
  move: (index: number) => void;
}

/** The point being read: `start` until somebody moves it, and never beyond `count`. */
export function useReadout(count: number, start: number): ReadoutState {
  const [chosen, setChosen] = useState<number | null>(null);
  const index = Math.max(0, Math.min(count - 1, chosen ?? start));
  return { index, moved: chosen !== null, move: setChosen };
}
