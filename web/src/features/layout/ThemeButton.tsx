import { useState } from "react";
import { applyTheme, nextTheme, storedTheme, type Theme } from "../../lib/theme.ts";
import styles from "./Header.module.css";

const NAMES: Record<Theme, string> = { system: "as the system", light: "light", dark: "dark" };

/** Goes through the three themes. */
export function ThemeButton() {
  const [theme, setTheme] = useState(() => storedTheme(window.localStorage));
  const next = nextTheme(theme);
  const change = () => {
    applyTheme(next, document.documentElement, window.localStorage);
    setTheme(next);
  };
  const label = `Theme: ${NAMES[theme]}. Change to ${NAMES[next]}`;
  return (
    <button type="button" className={styles.tool} aria-label={label} title={label} onClick={change}>
      <svg width="18" height="18" viewBox="0 0 18 18" aria-hidden="true">
        <ThemeMark theme={theme} />
      </svg>
    </button>
  );
}

function ThemeMark({ theme }: { theme: Theme }) {
  if (theme === "dark")
    return <path d="M15.5 10.9A7 7 0 0 1 7.1 2.5a7 7 0 1 0 8.4 8.4z" fill="currentColor" />;
  if (theme === "light") {
    return (
      <g fill="none" stroke="currentColor" strokeWidth="1.5" strokeLinecap="round">
        <circle cx="9" cy="9" r="3.4" />
        <path d="M9 1.2v1.6M9 15.2v1.6M1.2 9h1.6M15.2 9h1.6M3.5 3.5l1.1 1.1M13.4 13.4l1.1 1.1M3.5 14.5l1.1-1.1M13.4 4.6l1.1-1.1" />
      </g>
    );
  }
  return (
    <>
      <circle cx="9" cy="9" r="6.8" fill="none" stroke="currentColor" strokeWidth="1.5" />
      <path d="M9 2.2a6.8 6.8 0 0 1 0 13.6z" fill="currentColor" />
    </>
  );
}
