import type { ReactNode, Ref } from "react";
import { deadLettersPath } from "../../address/deadLetters.ts";
import { overviewPath } from "../../address/paths.ts";
import { readShared } from "../../address/shared.ts";
import { usePlace } from "../../router/useHistory.ts";
import { SearchBox, type SearchHandle } from "../search/SearchBox.tsx";
import { useView } from "../useView.ts";
import { Brand } from "./Brand.tsx";
import styles from "./Header.module.css";
import { ThemeButton } from "./ThemeButton.tsx";

interface HeaderProps {
  /** What is shown, to choose. */
  children: ReactNode;
  /** Tells the keys. */
  onHelp: () => void;
  /** Leads to the field of the search. */
  searchBox: Ref<SearchHandle>;
}

const OVERVIEW = overviewPath();
const DEAD_LETTERS = deadLettersPath();

/** Name, pages, what is shown, tools. */
export function Header({ children, onHelp, searchBox }: HeaderProps) {
  const { path } = usePlace();
  const { search } = useView(readShared);
  return (
    <div className={styles.header}>
      <div className={styles.row}>
        <Brand />
        <nav className={styles.nav} aria-label="Pages">
          <ul>
            <li>
              <a href={overviewPath(search)} aria-current={path === OVERVIEW ? "page" : undefined}>
                Overview
              </a>
            </li>
            <li>
              <a href={DEAD_LETTERS} aria-current={path.startsWith(DEAD_LETTERS) ? "page" : undefined}>
                Dead letters
              </a>
            </li>
          </ul>
        </nav>
        {children}
        <SearchBox ref={searchBox} />
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
