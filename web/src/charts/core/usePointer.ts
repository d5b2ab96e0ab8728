import { type RefObject, useEffect } from "react";

/** Calls back with the pointer's place inside an element while it moves over it or presses there. */
export function usePointer(
  ref: RefObject<HTMLElement | null>,
  onPoint: (x: number, y: number) => void,
): void {
  useEffect(() => {
    const element = ref.current;
    if (!element) return;
    const point = (event: PointerEvent) => {
      const box = element.getBoundingClientRect();
      onPoint(event.clientX - box.left, event.clientY - box.top);
    };
    element.addEventListener("pointermove", point);
    element.addEventListener("pointerdown", point);
    return () => {
      element.removeEventListener("pointermove", point);
      element.removeEventListener("pointerdown", point);
    };
  }, [ref, onPoint]);
}
