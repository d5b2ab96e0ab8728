// Shortcuts of one key, which never take a key from somebody who types.

const TYPING = "input, select, textarea, [contenteditable]";

/** Whether a key press is meant as a shortcut. */
export function isShortcut(event: KeyboardEvent): boolean {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return false;
  const target = event.target;
  return !(target instanceof Element && target.closest(TYPING) !== null);
}

interface Span {
  top: number;
  bottom: number;
}

/** Which of some boxes shows most in a window of that height; the first where none does. */
export function mostVisible(boxes: readonly Span[], height: number): number {
  const seen = boxes.map((box) => Math.max(0, Math.min(box.bottom, height) - Math.max(box.top, 0)));
  return Math.max(0, seen.indexOf(Math.max(...seen)));
}
