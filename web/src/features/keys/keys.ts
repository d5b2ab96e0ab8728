// Shortcuts of one key, which never take a key from somebody who types.

const TYPING = "input, select, textarea, [contenteditable]";

/** Whether a key press is meant as a shortcut. */
export function isShortcut(event: KeyboardEvent): boolean {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return false;
  const target = event.target;
  return !(target instanceof Element && target.closest(TYPING) !== null);
}

/** Opens or closes the table of the chart that holds the focus: a key pressed elsewhere may be meant for something else. */
export function toggleTableInFocus(): void {
  const chart = document.activeElement?.closest("figure");
  chart?.querySelector<HTMLElement>('[aria-keyshortcuts="t"]')?.click();
}
