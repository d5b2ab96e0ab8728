// Light, dark, or what the system says. `public/theme.js` applies the same before the first paint.

import { recall, remember } from "./storage.ts";

const THEMES = ["system", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

const KEY = "kansoku-theme";

/** The theme the reader chose last. */
export function storedTheme(storage: Storage): Theme {
  const stored = recall(KEY, storage);
  return THEMES.find((theme) => theme === stored) ?? "system";
}

/** Applies a theme to the page and remembers it. */
export function applyTheme(theme: Theme, root: HTMLElement, storage: Storage): void {
  if (theme === "system") delete root.dataset.theme;
  else root.dataset.theme = theme;
  remember(KEY, theme, storage);
}

/** The theme after this one. */
export function nextTheme(theme: Theme): Theme {
  return THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? "system";
}
