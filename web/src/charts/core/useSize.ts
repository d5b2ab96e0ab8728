import { type RefObject, useLayoutEffect, useRef, useState } from "react";
import { flushSync } from "react-dom";

/** Where the width cannot be measured, as in a test without a layout. */
const UNMEASURED = 720;
/** What fits between the margins of a sheet of A4: type keeps its size on paper. */
const PRINTED = 680;

/** The width of an element in whole pixels, kept up to date; `null` before it is known. On paper it is at most a sheet's. */
export function useWidth<Element extends HTMLElement>(): [RefObject<Element | null>, number | null] {
  const ref = useRef<Element>(null);
  const [width, setWidth] = useState<number | null>(null);
  useLayoutEffect(() => {
    const element = ref.current;
    if (!element) return;
    const measured = () => Math.floor(element.clientWidth) || UNMEASURED;
    const measure = () => setWidth(measured());
    // The page is laid out for paper as soon as the event is over.
    const print = () => flushSync(() => setWidth(Math.min(PRINTED, measured())));
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
