import { type ErrorComponentProps, Link } from "@tanstack/react-router";
import { type ReactNode, useEffect } from "react";
import { Footer } from "../features/frame/Footer.tsx";
import frame from "../features/frame/Frame.module.css";
import { Masthead } from "../features/frame/Masthead.tsx";
import { Button } from "../ui/Button.tsx";
import styles from "./Elsewhere.module.css";

/** An address that leads nowhere. */
export function NotFound() {
  return (
    <Elsewhere heading="Nothing stands at this address">
      <p>
        <Link to="/" search={{}}>
          Go to the overview
        </Link>
      </p>
    </Elsewhere>
  );
}

/** A fault of ours while drawing. */
export function Broken({ error }: ErrorComponentProps) {
  return (
    <Elsewhere heading="The page could not be drawn">
      <p>
        {error instanceof Error ? error.message : String(error)}. The numbers are not touched:{" "}
        <a href="/docs">the API</a> has them.
      </p>
      <Button onClick={() => window.location.reload()}>Load the page again</Button>
    </Elsewhere>
  );
}

function Elsewhere({ heading, children }: { heading: string; children: ReactNode }) {
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
        <Masthead />
      </header>
      <main className={`${frame.page} ${styles.elsewhere}`}>
        <h1>{heading}</h1>
        {children}
      </main>
      <Footer />
    </>
  );
}
