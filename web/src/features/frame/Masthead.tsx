import { Link } from "@tanstack/react-router";
import type { Catalogue } from "../../api/types.gen.ts";
import { Brand } from "./Brand.tsx";
import styles from "./Masthead.module.css";
import { Pickers } from "./Pickers.tsx";
import { ThemeButton } from "./ThemeButton.tsx";

interface MastheadProps {
  shown: Catalogue | undefined;
  now: Date;
  onHelp: () => void;
}

/** Name, pages, what is shown, tools. */
export function Masthead({ shown, now, onHelp }: MastheadProps) {
  return (
    <div className={styles.mast}>
      <div className={styles.row}>
        <Brand />
        <nav className={styles.nav} aria-label="Pages">
          <ul>
            <li>
              <Link to="/" search={true} aria-current="page">
                Overview
              </Link>
            </li>
          </ul>
        </nav>
        <Pickers shown={shown} now={now} />
        <div className={styles.tools}>
          <ThemeButton />
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
        </div>
      </div>
    </div>
  );
}
