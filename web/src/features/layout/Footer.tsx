import styles from "./Layout.module.css";

/** What this is, and where to take its numbers from. */
export function Footer() {
  return (
    <footer className={styles.foot}>
      <div className={styles.footer}>
        <p>
          Kansoku writes down what an anime catalogue shows, day after day, and keeps it. Days and times are
          in UTC; a day without a capture stays a gap. Kansoku is not part of MyAnimeList.
        </p>
        <ul>
          <li>
            <a href="/docs">API</a>
          </li>
          <li>
            <a href="/openapi.json">OpenAPI document</a>
          </li>
        </ul>
      </div>
    </footer>
  );
}
