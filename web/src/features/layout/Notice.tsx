import type { ReactNode } from "react";
import styles from "./Notice.module.css";

interface NoticeProps {
  /** What is said; `null` while there is nothing to say. */
  children: ReactNode;
  /** Whether it stays in sight while the page scrolls. */
  sticky?: boolean;
}

/** A line about the whole page, said aloud when it comes. */
export function Notice({ children, sticky = false }: NoticeProps) {
  return (
    <div className={sticky ? `${styles.notice} ${styles.sticky}` : styles.notice} role="status">
      {children && <div className={styles.row}>{children}</div>}
    </div>
  );
}
