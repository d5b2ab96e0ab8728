import { useCopy } from "./useCopy.ts";

const WORDS = { idle: "Copy link", copied: "Copied", refused: "Copy it from the address bar" } as const;

/** Copies the address of this view, at one of its charts. */
export function CopyLink({ className, anchor }: { className: string | undefined; anchor: string }) {
  const [state, copy] = useCopy();
  const address = () => {
    const here = new URL(window.location.href);
    here.hash = anchor;
    return here.href;
  };
  return (
    <button type="button" className={className} onClick={() => void copy(address())}>
      <span aria-live="polite">{WORDS[state]}</span>
    </button>
  );
}
