import { type RefObject, useEffect } from "react";
import { zoomOf } from "./useSize.ts";

/** Calls back with the pointer's place inside an element while it moves over it or presses there, and when it leaves. */
export function usePointer(
  ref: RefObject<HTMLElement | null>,
  onPoint: (x: number, y: number) => void,
  onLeave?: () => void,
): void {
  useEffect(() => {
    const element = ref.current;
    if (!element) return;
    const point = (event: PointerEvent) => {
      const box = element.getBoundingClientRect();
      const zoom = zoomOf(element);
      onPoint((event.clientX - box.left) / zoom, (event.clientY - box.top) / zoom);
    };
    element.addEventListener("pointermove", point);
    element.addEventListener("pointerdown", point);
    if (onLeave) element.addEventListener("pointerleave", onLeave);
    return () => {
      if (onLeave) element.removeEventListener("pointerleave", onLeave);
      element.removeEventListener("pointermove", point);
      element.removeEventListener("pointerdown", point);
    };
  }, [ref, onPoint, onLeave]);
}
