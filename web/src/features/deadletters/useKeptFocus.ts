import { type RefObject, useEffect, useRef } from "react";

/** Takes the focus when what had it is gone. The key names what stands there now. */
export function useKeptFocus<Place extends HTMLElement>(key: string | undefined): RefObject<Place | null> {
  const place = useRef<Place>(null);
  const before = useRef(key);
  useEffect(() => {
    if (before.current === key) return;
    before.current = key;
    if (document.activeElement === document.body) place.current?.focus({ preventScroll: true });
  }, [key]);
  return place;
}
