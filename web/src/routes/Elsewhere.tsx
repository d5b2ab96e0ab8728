import { type ErrorComponentProps, Link } from "@tanstack/react-router";
import frame from "../features/frame/Frame.module.css";
import { Button } from "../ui/Button.tsx";
import styles from "./Elsewhere.module.css";

/** An address that leads nowhere. */
export function NotFound() {
  return (
    <main className={`${frame.page} ${styles.elsewhere}`}>
      <h1>Nothing stands at this address</h1>
      <p>
        <Link to="/" search={{}}>
          Go to the overview
        </Link>
      </p>
    </main>
  );
}

/** A fault of ours while drawing. */
export function Broken({ error }: ErrorComponentProps) {
  return (
    <main className={`${frame.page} ${styles.elsewhere}`}>
      <h1>The page could not be drawn</h1>
      <p>
        {error instanceof Error ? error.message : String(error)}. The numbers are not touched:{" "}
        <a href="/docs">the API</a> has them.
      </p>
      <Button onClick={() => window.location.reload()}>Load the page again</Button>
    </main>
  );
}
