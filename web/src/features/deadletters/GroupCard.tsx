import { useState } from "react";
import { changeGroup, type GroupChange } from "../../api/commands.ts";
import type { Group } from "../../api/operator.ts";
import { useCommand } from "../../api/useOperator.ts";
import { sinceWhen } from "../../findings/deadLetters.ts";
import { integer } from "../../lib/format.ts";
import { Button } from "../../ui/Button.tsx";
import { Visible } from "../../ui/Visible.tsx";
import { useNow } from "../useNow.ts";
import styles from "./Groups.module.css";
import { Refused } from "./Refused.tsx";
import { useOwner, useRight } from "./session.ts";

/** What is known of the chosen group, and what people say of it. */
export function GroupCard({ group }: { group: Group }) {
  const { name } = useOwner();
  const mayAct = useRight("act");
  const now = useNow();
  const command = useCommand();
  const [note, setNote] = useState(group.note ?? "");
  const [link, setLink] = useState(group.link ?? "");
  const change = (what: GroupChange) => void command.run(changeGroup(group, what));
  const isMine = group.owner === name;
  return (
    <div className={styles.card}>
      {group.detail && (
        <p>
          Rule <code>{group.detail}</code>
        </p>
      )}
      <p>
        {integer(group.sole)} of {integer(group.items)} rows have only this fault.
        {group.fixed_by &&
          group.fixed_at &&
          ` Fixed by judge ${short(group.fixed_by)}, ${sinceWhen(group.fixed_at, now)}.`}
        {group.regressed_at && (
          <b className={styles.bad}> Back again since {sinceWhen(group.regressed_at, now)}.</b>
        )}
        {group.hold && <b> Held back from replays of many rows.</b>}
      </p>
      {group.owner && (
        <p>
          Looked after by{" "}
          <b>
            <Visible>{group.owner}</Visible>
          </b>
          .
        </p>
      )}
      {group.link && /^https?:\/\//.test(group.link) && (
        <p>
          <a href={group.link} rel="noreferrer external" target="_blank">
            <Visible>{group.link}</Visible>
          </a>
        </p>
      )}
      {group.note && (
        <p>
          <Visible>{group.note}</Visible>
        </p>
      )}
      {mayAct && (
        <details>
          <summary>Note, owner, hold</summary>
          <form
            className={styles.form}
            onSubmit={(event) => {
              event.preventDefault();
              change({ note: note.trim() || null, link: link.trim() || null });
            }}
          >
            <label>
              Note
              <textarea
                rows={2}
                maxLength={2000}
                value={note}
                onInput={(event) => setNote(event.currentTarget.value)}
              />
            </label>
            <label>
              Link
              <input
                type="url"
                maxLength={500}
                placeholder="https://"
                value={link}
                onInput={(event) => setLink(event.currentTarget.value)}
              />
            </label>
            <div className={styles.acts}>
              <Button disabled={command.isBusy}>Save note</Button>
              <Button disabled={command.isBusy} onClick={() => change({ owner: isMine ? null : name })}>
                {isMine ? "Give it away" : "I look after it"}
              </Button>
              {group.state === "new" && (
                <Button disabled={command.isBusy} onClick={() => change({ acknowledged: true })}>
                  Seen
                </Button>
              )}
              <Button disabled={command.isBusy} onClick={() => change({ hold: !group.hold })}>
                {group.hold ? "Let it be replayed" : "Hold it back"}
              </Button>
              <Button disabled={command.isBusy} onClick={() => change({ muted: group.state !== "muted" })}>
                {group.state === "muted" ? "Unmute" : "Mute"}
              </Button>
            </div>
            <Refused command={command} what="The group" />
          </form>
        </details>
      )}
    </div>
  );
}

function short(judge: string): string {
  return judge.length > 20 ? judge.slice(0, 12) : judge;
}
