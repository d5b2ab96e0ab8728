import type { ReactNode } from "react";
import styles from "./Button.module.css";

interface ButtonProps {
  children: ReactNode;
  /** Left out where it sends the form that it stands in. */
  onClick?: (() => void) | undefined;
  /** The one thing to do next, or one that takes something away. */
  kind?: "main" | "bad" | undefined;
  disabled?: boolean | undefined;
  /** Whether what it opens is open. */
  expanded?: boolean | undefined;
}

/** A button that does one thing, which its words say. */
export function Button({ children, onClick, kind, disabled, expanded }: ButtonProps) {
  return (
    <button
      type={onClick ? "button" : "submit"}
      className={kind ? `${styles.button} ${styles[kind]}` : styles.button}
      disabled={disabled}
      aria-expanded={expanded}
      onClick={onClick}
    >
      {children}
    </button>
  );
}

interface LinkButtonProps {
  children: ReactNode;
  href: string;
  /** Whether it is a file. */
  download?: boolean | undefined;
}

/** A link among buttons. */
export function LinkButton({ children, href, download }: LinkButtonProps) {
  return (
    <a className={styles.button} href={href} download={download}>
      {children}
    </a>
  );
}
