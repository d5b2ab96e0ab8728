import type { ReactNode } from "react";
import styles from "./Button.module.css";

/** A button that does one thing, which its words say. */
export function Button({ children, onClick }: { children: ReactNode; onClick: () => void }) {
  return (
    <button type="button" className={styles.button} onClick={onClick}>
      {children}
    </button>
  );
}
