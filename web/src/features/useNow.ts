import { useEffect, useState } from "react";

const MINUTE_MS = 60_000;

/** The time, minute by minute: a page left open must not call yesterday today. */
export function useNow(): Date {
  const [now, setNow] = useState(() => new Date());
  useEffect(() => {
    const timer = setInterval(() => setNow(new Date()), MINUTE_MS);
    return () => clearInterval(timer);
  }, []);
  return now;
}
