import { useEffect, useState } from "react";

const SHOWN_MS = 2500;
const WORDS = { idle: "Copy link", copied: "Copied", refused: "Copy it from the address bar" } as const;

/** Copies the address of this view, at one of its charts. */
export function CopyLink({ className, anchor }: { className: string | undefined; anchor: string }) {
  const [state, setState] = useState<keyof typeof WORDS>("idle");
  useEffect(() => {
    if (state === "idle") return;
    const timer = setTimeout(() => setState("idle"), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [state]);
  const copy = async () => {
    const address = new URL(window.location.href);
    address.hash = anchor;
    try {
      await navigator.clipboard.writeText(address.href);
      setState("copied");
    } catch {
      setState("refused");
    }
  };
  return (
    <button type="button" className={className} onClick={copy}>
      <span aria-live="polite">{WORDS[state]}</span>
    </button>
  );
}
