import styles from "./Header.module.css";

/** The mark: observations that rise, one of them missing. */
export function Brand() {
  return (
    <a href="/" className={styles.brand}>
      <svg viewBox="0 0 30 26" width="30" height="26" aria-hidden="true">
        <g fill="currentColor">
          <circle cx="3.5" cy="18" r="2.6" />
          <circle cx="10.5" cy="12" r="2.6" />
          <circle cx="24.5" cy="4.5" r="3.6" />
        </g>
        <circle cx="17.3" cy="9.6" r="2.1" fill="none" stroke="currentColor" strokeWidth="1.2" />
        <path d="M0 24.5h30" stroke="currentColor" strokeWidth="2" />
      </svg>
      Kansoku <span lang="ja">観測</span>
    </a>
  );
}
