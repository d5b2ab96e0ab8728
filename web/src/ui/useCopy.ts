import { useEffect, useState } from "react";

const SHOWN_MS = 2500;

/** Copies a text, and tells for a moment how that went. */
export function useCopy(): ["idle" | "copied" | "refused", (text: string) => Promise<void>] {
  const [state, setState] = useState<"idle" | "copied" | "refused">("idle");
  useEffect(() => {
    if (state === "idle") return;
    const timer = setTimeout(() => setState("idle"), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [state]);
  const copy = async (text: string) => {
    try {
      await navigator.clipboard.writeText(text);
      setState("copied");
    } catch {
      setState("refused");
    }
  };
  return [state, copy];
}
