import { useState } from "react";
import { itemPath } from "../../address/deadLetters.ts";
import type { Member } from "../../api/operator.ts";
import { faultWords, outcomeWords, verdictWords } from "../../findings/members.ts";
import { Visible } from "../../ui/Visible.tsx";
import { Difference } from "./Difference.tsx";
import styles from "./MemberChanges.module.css";

/** What the steps of a plan make of each row: the text before and after, with what has changed marked. */
export function MemberChanges({ members }: { members: readonly Member[] }) {
  return (
    <ul className={styles.members} aria-label="What becomes of each row">
      {members.map((member) => (
        <li key={member.root}>
          <p className={styles.head}>
            <a href={itemPath(member.root)}>
              <Visible>{member.title ?? member.root}</Visible>
            </a>
            <span className={styles.verdict} data-verdict={member.verdict}>
              {[verdictWords(member), outcomeWords(member)].filter(Boolean).join(", ")}
            </span>
          </p>
          {member.faults.length > 0 && <p className={styles.why}>{faultWords(member)}</p>}
          <Change member={member} />
        </li>
      ))}
    </ul>
  );
}

function Change({ member: { texts, faults } }: { member: Member }) {
  if (!texts)
    return <p className={styles.note}>Its text is not shown here: it is long, or no text at all.</p>;
  const { before, after } = texts;
  if (after === null)
    return faults.length > 0 ? null : (
      <p className={styles.note}>A step does not apply to it as it is now.</p>
    );
  if (after === before) return <p className={styles.note}>The steps change nothing in it.</p>;
  return (
    <>
      <Difference before={before} after={after} />
      <WholeText before={before} after={after} />
    </>
  );
}

function WholeText({ before, after }: { before: string; after: string }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <details className={styles.whole} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>The whole text</summary>
      {isOpen && <Difference before={before} after={after} isWhole />}
    </details>
  );
}
