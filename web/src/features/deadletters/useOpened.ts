import { type RefObject, useEffect, useRef } from "react";

/** Where an item is shown: another one that is opened is read from there, and comes into sight. */
export function useOpened(item: string | undefined): RefObject<HTMLDivElement | null> {
  const place = useRef<HTMLDivElement>(null);
  const before = useRef(item);
  useEffect(() => {
    if (before.current === item) return;
    before.current = item;
    const element = place.current;
    if (!item || !element) return;
    element.focus({ preventScroll: true });
    const { top } = element.getBoundingClientRect();
    if (top < 0 || top > window.innerHeight / 2) element.scrollIntoView();
  }, [item]);
  return place;
}
