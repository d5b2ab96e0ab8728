import { useEffect, useState } from "react";
import { deadLettersPath } from "../../address/deadLetters.ts";
import { signIn } from "../../api/commands.ts";
import { useCommand } from "../../api/useOperator.ts";
import { recall } from "../../lib/storage.ts";
import { useHistory } from "../../router/useHistory.ts";
import { useDocumentTitle } from "../useDocumentTitle.ts";
import styles from "./SignedOut.module.css";
import { WANTED } from "./session.ts";

/** Codes already sent: each is good once, and a page may be drawn twice. */
const sent = new Set<string>();

/** Where somebody goes on: only to a page of ours. */
function wanted(): string {
  const address = recall(WANTED, window.sessionStorage);
  return address?.startsWith("/dead-letters") ? address : deadLettersPath();
}

/** Signs in by the code of a link, which stays neither in the address nor in the history. */
export function SignIn() {
  const history = useHistory();
  const [code] = useState(() => history.place.hash.slice(1));
  const { run, error } = useCommand();
  useDocumentTitle("Sign in");
  useEffect(() => {
    if (code === "" || sent.has(code)) return;
    sent.add(code);
    history.go(history.place.path, false);
    void run(signIn(code)).then((session) => {
      if (session) history.go(wanted(), false);
    });
  }, [code, history, run]);
  return (
    <div className={styles.page} aria-busy={code !== "" && !error ? true : undefined}>
      <h1>{error || code === "" ? "The link does not let you in" : "Signing in"}</h1>
      {error && <p role="alert">{error.message} A link is good once, for 15 minutes.</p>}
      {code === "" && !error && <p role="alert">It has no code behind its #.</p>}
      {(code === "" || error) && (
        <p>
          Make another one: <code>bin/query-api operator link NAME</code>
        </p>
      )}
    </div>
  );
}
