import { type RefObject, useEffect, useLayoutEffect, useRef } from "react";
import { usePlace } from "./useHistory.ts";

/** Another page begins at its top, and is read from its beginning. */
export function useArrival(main: RefObject<HTMLElement | null>): void {
  const { path } = usePlace();
  const before = useRef(path);
  useLayoutEffect(() => {
    if (before.current === path) return;
    before.current = path;
    window.scrollTo(0, 0);
    main.current?.focus({ preventScroll: true });
  }, [path, main]);
}

/** What a reader does who wants to be elsewhere. */
const MOVES = ["wheel", "touchmove", "keydown"] as const;

/** Scrolls to the part that the address names, until all above it has come: the browser looks for it only once. */
export function useAnchor(main: RefObject<HTMLElement | null>): void {
  const { path, hash } = usePlace();
  // biome-ignore lint/correctness/useExhaustiveDependencies: another page has parts of its own.
  useEffect(() => {
    const page = main.current;
    if (hash.length < 2 || !page) return;
    const scroll = () => {
      const part = document.getElementById(hash.slice(1));
      part?.scrollIntoView();
      if (part && !page.querySelector("[aria-busy=true]")) stop();
    };
    const observer = new MutationObserver(scroll);
    const stop = () => {
      observer.disconnect();
      for (const move of MOVES) window.removeEventListener(move, stop);
    };
    observer.observe(page, { childList: true, subtree: true });
    for (const move of MOVES) window.addEventListener(move, stop, { passive: true });
    scroll();
    return stop;
  }, [main, path, hash]);
}
