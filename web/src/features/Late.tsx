import { type ReactNode, useEffect, useState } from "react";

/** An answer that comes sooner needs no words. */
const LATE_MS = 400;

/** Words about a wait, once it has become one. */
export function Late({ children }: { children: ReactNode }) {
  const [isLate, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), LATE_MS);
    return () => clearTimeout(timer);
  }, []);
  return isLate && children;
}
