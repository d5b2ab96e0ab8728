import type { ReactNode } from "react";
import { auditPath, jobPath, planPath } from "../../address/deadLetters.ts";
import type { Action, ItemDetail, Letter } from "../../api/operator.ts";
import { sinceWhen } from "../../findings/deadLetters.ts";
import { exactInstant, exactTime } from "../../lib/dates.ts";
import { Visible } from "../../ui/Visible.tsx";
import { useNow } from "../useNow.ts";
import styles from "./ItemView.module.css";

interface Entry {
  key: string;
  at: string;
  words: ReactNode;
}

/** What happened to a dead letter, in the order in which it did. */
export function ItemLog({ detail }: { detail: ItemDetail }) {
  const { item, letters, actions } = detail;
  const now = useNow();
  const entries: Entry[] = [
    ...letters.map((letter) => ({ key: letter.dlq_id, at: letter.at, words: <Rejected letter={letter} /> })),
    ...actions.map((action) => ({
      key: `action ${action.id}`,
      at: action.at,
      words: <Done action={action} />,
    })),
  ];
  if (item.resolved_at)
    entries.push({
      key: "resolved",
      at: item.resolved_at,
      words: <>Stored{item.resolved_by && `, passed by judge ${item.resolved_by.slice(0, 12)}`}</>,
    });
  entries.sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
  return (
    <section aria-label="What happened to it">
      <p className={styles.label}>What happened to it, UTC</p>
      <ul className={styles.log}>
        {entries.map(({ key, at, words }) => (
          <li key={key}>
            <time dateTime={at} title={exactInstant(at)}>
              {sinceWhen(at, now, exactTime)}
            </time>
            <span>{words}</span>
          </li>
        ))}
      </ul>
      <p className={styles.label}>
        <a href={auditPath({ root: item.root })}>Its lines in the audit</a>
      </p>
    </section>
  );
}

function Rejected({ letter }: { letter: Letter }) {
  const { attempt, stage, message, service, seq } = letter;
  return (
    <>
      {attempt === 0 ? `Rejected at ${stage}` : `Replay ${attempt} failed at ${stage}`}
      {service && ` by ${service}`}: <Visible>{message}</Visible>{" "}
      <span className={styles.label}>DLQ {seq}</span>
    </>
  );
}

const DONE: Record<Action["action"], string> = {
  replay: "Replayed",
  edit: "Edited",
  revert: "Put back as it came",
  discard: "Discarded",
  restore: "Restored",
  group: "Group changed",
  plan: "Dry run",
  job: "Replay of many",
};

const ORDINALS = ["first", "second", "third"];

function wordOf({ action, detail }: Action): string {
  if (action === "edit" && detail.corrects) return "Corrected what is stored";
  if (action === "revert" && typeof detail.text === "string") return "Correction taken back";
  return DONE[action] ?? action;
}

/** What somebody did, and why. */
export function Done({ action }: { action: Action }) {
  const { actor, reason, plan, job, n } = action;
  return (
    <>
      {wordOf(action)}
      {n !== null && ` for the ${ORDINALS[n - 1] ?? `${n}th`} time`} by{" "}
      <b>
        <Visible>{actor}</Visible>
      </b>
      {reason && (
        <>
          : <Visible>{reason}</Visible>
        </>
      )}
      {plan && (
        <>
          {" "}
          <a href={planPath(plan, "all")}>plan</a>
        </>
      )}
      {job && (
        <>
          {" "}
          <a href={jobPath(job)}>replay</a>
        </>
      )}
    </>
  );
}
