// What the browser remembers for the page. One that refuses only forgets.

/** What was remembered under a key; `null` where nothing was, or the browser refuses. */
export function recall(key: string, storage: Storage = window.localStorage): string | null {
  try {
    return storage.getItem(key);
  } catch {
    return null;
  }
}

/** Remembers a word; in a window that refuses it lasts as long as the page. */
export function remember(key: string, value: string, storage: Storage = window.localStorage): void {
  try {
    storage.setItem(key, value);
  } catch {
    // Private windows may refuse.
  }
}
