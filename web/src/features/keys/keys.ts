// Shortcuts of one key, which never take a key from somebody who types.

const TYPING = "input, select, textarea, [contenteditable]";

/** Whether a key press is meant as a shortcut. */
export function isShortcut(event: KeyboardEvent): boolean {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return false;
  const target = event.target;
  return !(target instanceof Element && target.closest(TYPING) !== null);
}
