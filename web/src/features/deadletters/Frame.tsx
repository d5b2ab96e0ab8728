import { useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useEffect, useRef } from "react";
import { auditPath, deadLettersPath, JOBS_PATH, ledgerPath } from "../../address/deadLetters.ts";
import { signOut } from "../../api/commands.ts";
import { groupsQuery, type ItemState } from "../../api/operator.ts";
import { forget, useCommand, useOperator } from "../../api/useOperator.ts";
import { projectionWords, STATES } from "../../findings/deadLetters.ts";
import { integer } from "../../lib/format.ts";
import { useDocumentTitle } from "../useDocumentTitle.ts";
import styles from "./Frame.module.css";
import { useOwner } from "./session.ts";

const OTHERS = [
  ["jobs", "Jobs", JOBS_PATH],
  ["audit", "Audit", auditPath()],
  ["ledger", "Ledger", ledgerPath()],
] as const;

/** The pages besides those of one state. */
type Other = (typeof OTHERS)[number][0];

interface FrameProps {
  /** What happened; null until it is known. */
  heading: string | null;
  sub?: ReactNode;
  /** Where in the row of pages it stands. */
  current: ItemState | Other | null;
  children: ReactNode;
}

/** What stands around every page of dead letters: what happened, who is signed in, the states, how fresh it is. */
export function Frame({ heading, sub, current, children }: FrameProps) {
  const totals = useOperator(groupsQuery(""));
  const counts = new Map(totals.data?.facets.state.map(({ value, items }) => [value, items]));
  const late = projectionWords(totals.data?.projection);
  const tabs = useRef<HTMLElement>(null);
  useDocumentTitle(heading);
  const isCounted = totals.data !== undefined;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the counts move what stands after them.
  useEffect(() => {
    const [row, tab] = [tabs.current, tabs.current?.querySelector<HTMLElement>("[aria-current]")];
    if (row && tab && current) row.scrollLeft = tab.offsetLeft - (row.clientWidth - tab.offsetWidth) / 2;
  }, [current, isCounted]);
  return (
    <>
      <div className={styles.top}>
        <div>
          <h1 className={styles.heading}>{heading ?? "Dead letters"}</h1>
          {sub && <p className={styles.sub}>{sub}</p>}
        </div>
        <Owner />
      </div>
      <nav ref={tabs} className={styles.tabs} aria-label="Dead letters">
        <ul>
          {STATES.map(([state, name]) => (
            <li key={state}>
              <a
                href={deadLettersPath(`state:${state}`)}
                aria-current={current === state ? "page" : undefined}
              >
                {name} {totals.data ? integer(counts.get(state) ?? 0) : ""}
              </a>
            </li>
          ))}
          {OTHERS.map(([id, name, address]) => (
            <li key={id}>
              <a href={address} aria-current={current === id ? "page" : undefined}>
                {name}
              </a>
            </li>
          ))}
        </ul>
      </nav>
      <p className={styles.late} role="status">
        {late}
        {totals.isError && totals.data && " The newest counts could not be read; still trying."}
      </p>
      {children}
    </>
  );
}

/** Who is signed in, and the way out. */
function Owner() {
  const { name } = useOwner();
  const client = useQueryClient();
  const { run, isBusy } = useCommand();
  const leave = async () => {
    await run(signOut());
    forget(client);
  };
  return (
    <p className={styles.owner}>
      Operator <b>{name}</b>.{" "}
      <button type="button" disabled={isBusy} onClick={() => void leave()}>
        Leave
      </button>
    </p>
  );
}
