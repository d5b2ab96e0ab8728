import { lazy, Suspense, useState } from "react";
import { discard, restore, revert } from "../../api/commands.ts";
import { bodyAddress, type Fault, type ItemDetail, type ItemState } from "../../api/operator.ts";
import { useCommand } from "../../api/useOperator.ts";
import { Button, LinkButton } from "../../ui/Button.tsx";
import styles from "./ItemView.module.css";
import { ReasonForm } from "./ReasonForm.tsx";
import { Refused } from "./Refused.tsx";
import { ReplayOne } from "./ReplayOne.tsx";
import { useRight } from "./session.ts";
import { useKeptFocus } from "./useKeptFocus.ts";

const EditForm = lazy(async () => ({ default: (await import("./EditForm.tsx")).EditForm }));

type Act = "replay" | "edit" | "correct" | "discard" | "restore" | "revert";

/** What may be done in a state. */
const MAY: Record<ItemState, readonly Act[]> = {
  open: ["replay", "edit", "revert", "discard"],
  failed: ["replay", "edit", "revert", "discard"],
  quarantined: ["replay", "discard"],
  published: [],
  resolved: [],
  discarded: ["restore"],
};

/** What is stored can be corrected where it is an operator's text and nothing has taken its place. */
function actsOf({ item: { state, correction }, stored }: ItemDetail): readonly Act[] {
  if (state !== "resolved") return MAY[state];
  if (stored === null || correction === "published") return [];
  const back: Act[] = correction === null ? [] : ["revert"];
  return !stored.stands ? back : correction === null ? ["correct"] : ["replay", "correct", ...back];
}

/** What can be done with one dead letter. */
export function ItemActions({ detail, faults }: { detail: ItemDetail; faults: readonly Fault[] }) {
  const { item, text, stored } = detail;
  const { root, version, row, state, correction } = item;
  const [open, setOpen] = useState<Act | null>(null);
  const command = useCommand();
  const mayAct = useRight("act");
  const mayEdit = useRight("edit");
  const what = row === null ? "page" : "row";
  const acts = actsOf(detail);
  const can = (act: Act) => acts.includes(act);
  const back = correction === null ? "Put it back as it came" : "Take the correction back";
  const close = () => {
    command.clear();
    setOpen(null);
  };
  const toggle = (act: Act) => () => {
    command.clear();
    setOpen(open === act ? null : act);
  };
  const send = (make: typeof discard) => async (reason: string) => {
    if (await command.run(make(root, { version, reason }))) setOpen(null);
  };
  const place = useKeptFocus<HTMLElement>(`${version} ${open}`);
  const ask = (act: Act) => ({ expanded: open === act, onClick: toggle(act) });
  const form = { isBusy: command.isBusy, onCancel: close };
  return (
    <section ref={place} tabIndex={-1} aria-label="What to do with it">
      <div className={styles.acts}>
        {mayAct && can("replay") && <Button {...ask("replay")}>Replay this {what}</Button>}
        {mayEdit && can("edit") && text !== null && <Button {...ask("edit")}>Edit</Button>}
        {mayEdit && can("correct") && <Button {...ask("correct")}>Correct what is stored</Button>}
        {mayEdit && can("revert") && item.edited && <Button {...ask("revert")}>{back}</Button>}
        <LinkButton href={bodyAddress(root)} download>
          Download bytes
        </LinkButton>
        {mayAct && can("restore") && <Button {...ask("restore")}>Restore this {what}</Button>}
        {mayAct && can("discard") && (
          <Button kind="bad" {...ask("discard")}>
            Discard this {what}
          </Button>
        )}
      </div>
      {state === "published" && (
        <p className={styles.label}>It is being replayed: it is resolved when it is stored.</p>
      )}
      {correction === "published" && (
        <p className={styles.label}>
          Its correction is being replayed: it takes the place of what is stored.
        </p>
      )}
      {correction === "waiting" && (
        <p className={styles.label}>
          {stored?.stands
            ? "The correction takes the place of what is stored once it is replayed."
            : "Other facts have taken the place of what was to be corrected."}
        </p>
      )}
      {correction === "failed" && (
        <p className={styles.label}>The replay of its correction failed: what is stored is as before.</p>
      )}
      {state === "quarantined" && (
        <p className={styles.label}>Three replays of it failed, so replays of many leave it out.</p>
      )}
      {!mayAct && <p className={styles.label}>Your token may read; for more it needs the right “act”.</p>}
      {open === "replay" && can("replay") && <ReplayOne item={item} onCancel={close} />}
      {(open === "edit" || open === "correct") && text !== null && can(open) && (
        <Suspense fallback={<p aria-busy="true" />}>
          <EditForm
            item={item}
            text={text}
            faults={faults}
            stored={open === "correct" ? stored : null}
            onClose={close}
          />
        </Suspense>
      )}
      {open === "discard" && can("discard") && (
        <ReasonForm
          {...form}
          name={`Discard this ${what}`}
          hint={`1 ${what} leaves the list and is not replayed. It can be restored.`}
          bad
          onDo={(reason) => void send(discard)(reason)}
        />
      )}
      {open === "restore" && can("restore") && (
        <ReasonForm
          {...form}
          name={`Restore this ${what}`}
          hint={`1 ${what} is open again.`}
          onDo={(reason) => void send(restore)(reason)}
        />
      )}
      {open === "revert" && item.edited && can("revert") && (
        <ReasonForm
          {...form}
          name={back}
          hint={
            correction === null
              ? "The body is again, byte for byte, what came from upstream. The edit stays in the log."
              : "The body is again the one that is stored. The correction stays in the log."
          }
          onDo={(reason) => void send(revert)(reason)}
        />
      )}
      <Refused command={command} what="It" />
    </section>
  );
}
