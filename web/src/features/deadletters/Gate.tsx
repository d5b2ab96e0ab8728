import { type ReactNode, useEffect } from "react";
import { useSession } from "../../api/useOperator.ts";
import { remember } from "../../lib/storage.ts";
import { usePlace } from "../../router/useHistory.ts";
import { Failure } from "../../ui/States.tsx";
import { useDocumentTitle } from "../useDocumentTitle.ts";
import styles from "./SignedOut.module.css";
import { SessionContext, WANTED } from "./session.ts";
import "@fontsource/ibm-plex-mono/latin-600.css";

/** What only an operator sees. Anybody else is told how to become one. */
export function Gate({ children }: { children: ReactNode }) {
  const { session, error, retry } = useSession();
  if (error && session === undefined)
    return (
      <div className={styles.page}>
        <h1>Dead letters</h1>
        <Failure what="Your session" error={error} onRetry={retry} />
      </div>
    );
  if (session === undefined)
    return (
      <div className={styles.page} aria-busy="true">
        <h1>Dead letters</h1>
      </div>
    );
  if (session === null) return <SignedOut />;
  return <SessionContext value={session}>{children}</SessionContext>;
}

/** How to get in. */
function SignedOut() {
  const { path, search } = usePlace();
  useDocumentTitle("Dead letters");
  useEffect(() => remember(WANTED, path + search, window.sessionStorage), [path, search]);
  return (
    <div className={styles.page}>
      <h1>Dead letters are for operators</h1>
      <p className={styles.lede}>
        Here lie the rows and pages that could not be stored, to be looked at, corrected and replayed. You are
        not signed in.
      </p>
      <p>
        <code>make up</code> prints a sign-in link. Another one, good for one use within 15 minutes, comes
        from
      </p>
      <p>
        <code>bin/query-api operator link NAME</code>
      </p>
      <p>
        and a new operator from <code>bin/query-api operator add NAME --rights read,act,edit</code>. The link
        leads back to this page.
      </p>
    </div>
  );
}
