import { useEffect, useId, useRef, useState } from "react";
import { send } from "../../api/client.ts";
import { check, correct, edit } from "../../api/commands.ts";
import type { Check, Fault, Item, StoredEdit } from "../../api/operator.ts";
import { useCommand } from "../../api/useOperator.ts";
import { ruleWords } from "../../findings/rules.ts";
import { fromBytes } from "../../lib/bytes.ts";
import { plural } from "../../lib/format.ts";
import { Button } from "../../ui/Button.tsx";
import { Visible } from "../../ui/Visible.tsx";
import { Difference } from "./Difference.tsx";
import styles from "./Forms.module.css";
import { Refused } from "./Refused.tsx";
import { useOwner } from "./session.ts";

/** Nobody types faster than that. */
const PAUSE_MS = 300;

interface EditFormProps {
  item: Item;
  text: string;
  /** What is wrong with the text as it is. */
  faults: readonly Fault[];
  /** What is stored and corrected, where it is. */
  stored: StoredEdit | null;
  onClose: () => void;
}

/** Changes a body as text. It is judged while somebody types, and what has changed is shown before it is saved. */
export function EditForm({ item, text, faults, stored, onClose }: EditFormProps) {
  const [now, setNow] = useState(text);
  const [reason, setReason] = useState("");
  const command = useCommand();
  const verdict = useCheck(item, now, now === text ? { faults } : null);
  const area = useRef<HTMLTextAreaElement>(null);
  const label = useId();
  useEffect(() => area.current?.focus(), []);
  const goTo = ({ start, end }: Fault) => {
    const [from, to] = fromBytes(now, [start ?? 0, end ?? 0]);
    area.current?.focus();
    area.current?.setSelectionRange(from ?? 0, to ?? 0);
  };
  const found = verdict.check?.faults ?? [];
  const isFailing = found.length > 0 || verdict.check?.passes === false;
  const save = async (force: boolean) => {
    const because = { version: item.version, reason: reason.trim() };
    const change = stored
      ? correct(item.root, now, stored, because, force)
      : edit(item.root, now, because, force);
    if (await command.run(change)) onClose();
  };
  const cannot = command.isBusy || now === text || reason.trim() === "";
  return (
    <form
      className={styles.form}
      aria-label={stored ? "Correct" : "Edit"}
      onSubmit={(event) => {
        event.preventDefault();
        if (!cannot && !isFailing) void save(false);
      }}
    >
      <label id={label}>
        Body
        <textarea
          ref={area}
          rows={12}
          spellCheck={false}
          autoComplete="off"
          value={now}
          aria-invalid={isFailing || undefined}
          onInput={(event) => setNow(event.currentTarget.value)}
        />
      </label>
      <div role="status">
        {verdict.error ? (
          <p>It cannot be judged while you type: {verdict.error}</p>
        ) : !verdict.check ? (
          <p>Judging …</p>
        ) : isFailing ? (
          <p>{found.length > 0 ? `${plural(found.length, "fault")}:` : "It still fails."}</p>
        ) : (
          <p>It would pass now.</p>
        )}
        <ul>
          {found.map((fault) => (
            <li key={`${fault.path} ${fault.keyword}`}>
              <code>
                <Visible>{fault.path || "the whole body"}</Visible>
              </code>{" "}
              {ruleWords(fault, null)}
              {fault.line !== null && `, line ${fault.line}, column ${fault.column} `}
              {fault.start !== null && <Button onClick={() => goTo(fault)}>Go there</Button>}
            </li>
          ))}
        </ul>
      </div>
      {now !== text && (
        <section aria-label="What you have changed">
          <p className={styles.note}>What you have changed</p>
          <Difference before={text} after={now} />
        </section>
      )}
      <label className={styles.wide}>
        Why
        <input
          required
          maxLength={500}
          value={reason}
          onInput={(event) => setReason(event.currentTarget.value)}
        />
      </label>
      <div className={styles.acts}>
        <Button kind="main" disabled={cannot || isFailing}>
          Save the {stored ? "correction" : "edit"} of 1 {item.row === null ? "page" : "row"}
        </Button>
        {isFailing && (
          <Button kind="bad" disabled={cannot} onClick={() => void save(true)}>
            Save it though it fails
          </Button>
        )}
        <Button onClick={onClose}>Cancel</Button>
      </div>
      <Refused command={command} what="It" />
    </form>
  );
}

type Known = Partial<Pick<Check, "passes">> & { faults: readonly Fault[] };

interface Judged {
  text: string;
  check: Known;
}

/** What the present schemas say of a text, once nobody has typed for a moment; null until it is known. */
function useCheck({ dataset, row }: Item, text: string, known: Known | null) {
  const { csrf } = useOwner();
  const [judged, setJudged] = useState<Judged | null>(null);
  const [error, setError] = useState<string | null>(null);
  const isKnown = known !== null;
  const isPage = row === null;
  useEffect(() => {
    if (isKnown) return;
    let isOld = false;
    const timer = setTimeout(async () => {
      try {
        const answer = await send(check(dataset, text, isPage), csrf ?? "");
        if (isOld) return;
        setJudged({ text, check: answer });
        setError(null);
      } catch (thrown) {
        if (!isOld) setError(thrown instanceof Error ? thrown.message : String(thrown));
      }
    }, PAUSE_MS);
    return () => {
      isOld = true;
      clearTimeout(timer);
    };
  }, [dataset, isPage, text, csrf, isKnown]);
  return { check: known ?? (judged?.text === text ? judged.check : null), error: isKnown ? null : error };
}
