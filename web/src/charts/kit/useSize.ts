import { type RefObject, useLayoutEffect, useRef, useState } from "react";
import { flushSync } from "react-dom";

/** Where the width cannot be measured, as in a test without a layout. */
const UNMEASURED = 720;
/** What fits between the margins of a sheet of A4: type keeps its size on paper. */
const PRINTED = 680;

/** A narrower drawing has no room for its names. */
const MIN = 280;

/** How much larger than 16 pixels the reader's characters are, as far as a drawing has room: it grows with them. */
export function zoomOf(element: HTMLElement): number {
  const characters = Number.parseFloat(getComputedStyle(document.documentElement).fontSize) / 16 || 1;
  return Math.max(1, Math.min(characters, element.clientWidth / MIN));
}

/** The width of an element in whole pixels of its drawing, kept up to date; `null` before it is known. On paper it is at most a sheet's. */
export function useWidth<Element extends HTMLElement>(): [RefObject<Element | null>, number | null] {
  const ref = useRef<Element>(null);
  const [width, setWidth] = useState<number | null>(null);
  useLayoutEffect(() => {
    const element = ref.current;
    if (!element) return;
    const measured = (most = Number.POSITIVE_INFINITY) => {
      const zoom = zoomOf(element);
      element.style.setProperty("--zoom", String(zoom));
      return Math.floor(Math.min(most, element.clientWidth || UNMEASURED) / zoom);
    };
    const measure = () => setWidth(measured());
    // The page is laid out for paper as soon as the event is over.
    const print = () => flushSync(() => setWidth(measured(PRINTED)));
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    window.addEventListener("beforeprint", print);
    window.addEventListener("afterprint", measure);
    return () => {
      observer.disconnect();
      window.removeEventListener("beforeprint", print);
      window.removeEventListener("afterprint", measure);
    };
  }, []);
  return [ref, width];
}
