import { Link } from "@tanstack/react-router";
import frame from "../features/frame/Frame.module.css";
import styles from "./NotFound.module.css";

/** An address that leads nowhere. */
export function NotFound() {
  return (
    <main className={`${frame.page} ${styles.missing}`}>
      <h1>Nothing stands at this address</h1>
      <p>
        <Link to="/" search={{}}>
          Go to the overview
        </Link>
      </p>
    </main>
  );
}
