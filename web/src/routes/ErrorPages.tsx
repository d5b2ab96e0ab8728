import type { ReactNode } from "react";
import { overviewPath } from "../address/paths.ts";
import { useDocumentTitle } from "../features/useDocumentTitle.ts";
import { Button } from "../ui/Button.tsx";
import styles from "./ErrorPages.module.css";

/** An address that leads nowhere. */
export function NotFound() {
  return (
    <ErrorPage heading="Nothing stands at this address">
      <p>
        <a href={overviewPath()}>Go to the overview</a>
      </p>
    </ErrorPage>
  );
}

/** A fault of ours while drawing. */
export function Broken({ error }: { error: unknown }) {
  return (
    <ErrorPage heading="The page could not be drawn">
      <p>
        {error instanceof Error ? error.message : String(error)}. The numbers are not touched:{" "}
        <a href="/docs">the API</a> has them.
      </p>
      <Button onClick={() => window.location.reload()}>Load the page again</Button>
    </ErrorPage>
  );
}

function ErrorPage({ heading, children }: { heading: string; children: ReactNode }) {
  useDocumentTitle(heading);
  return (
    <div className={styles.error}>
      <h1>{heading}</h1>
      {children}
    </div>
  );
}
