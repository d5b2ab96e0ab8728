import { type ErrorComponentProps, Link } from "@tanstack/react-router";
import { type ReactNode, useEffect } from "react";
import { Footer } from "../features/layout/Footer.tsx";
import { Header } from "../features/layout/Header.tsx";
import layout from "../features/layout/Layout.module.css";
import { Button } from "../ui/Button.tsx";
import styles from "./ErrorPages.module.css";

/** An address that leads nowhere. */
export function NotFound() {
  return (
    <ErrorPage heading="Nothing stands at this address">
      <p>
        <Link to="/" search={{}}>
          Go to the overview
        </Link>
      </p>
    </ErrorPage>
  );
}

/** A fault of ours while drawing. */
export function Broken({ error }: ErrorComponentProps) {
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
  useEffect(() => {
    const before = document.title;
    document.title = `${heading} – Kansoku`;
    return () => {
      document.title = before;
    };
  }, [heading]);
  return (
    <>
      <header>
        <Header />
      </header>
      <main className={`${layout.page} ${styles.error}`}>
        <h1>{heading}</h1>
        {children}
      </main>
      <Footer />
    </>
  );
}
