import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { Brand } from "./Brand.tsx";
import styles from "./Header.module.css";
import { ThemeButton } from "./ThemeButton.tsx";

interface HeaderProps {
  /** What is shown, to choose; a page of no numbers has nothing to choose. */
  children?: ReactNode;
  /** Tells the keys, where a page has some. */
  onHelp?: () => void;
}

/** Name, pages, what is shown, tools. */
export function Header({ children, onHelp }: HeaderProps) {
  return (
    <div className={styles.header}>
      <div className={styles.row}>
        <Brand />
        <nav className={styles.nav} aria-label="Pages">
          <ul>
            <li>
              <Link to="/" search={true}>
                Overview
              </Link>
            </li>
          </ul>
        </nav>
        {children}
        <div className={styles.tools}>
          <ThemeButton />
          {onHelp && (
            <button
              type="button"
              className={styles.tool}
              aria-label="Keyboard shortcuts"
              title="Keyboard shortcuts"
              aria-keyshortcuts="?"
              onClick={onHelp}
            >
              <span aria-hidden="true">?</span>
            </button>
          )}
        </div>
      </div>
    </div>
  );
}
