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

const EditForm = lazy(async () => ({ default: (await import("./EditForm.tsx")).EditForm }));

type Act = "replay" | "edit" | "discard" | "restore" | "revert";

/** What may be done in a state. */
const MAY: Record<ItemState, readonly Act[]> = {
  open: ["replay", "edit", "revert", "discard"],
  failed: ["replay", "edit", "revert", "discard"],
  quarantined: ["discard"],
  published: [],
  resolved: [],
  discarded: ["restore"],
};

/** What can be done with one dead letter. */
export function ItemActions({ detail, faults }: { detail: ItemDetail; faults: readonly Fault[] }) {
  const { item, text } = detail;
  const { root, version, row, state } = item;
  const [open, setOpen] = useState<Act | null>(null);
  const command = useCommand();
  const mayAct = useRight("act");
  const mayEdit = useRight("edit");
  const what = row === null ? "page" : "row";
  const can = (act: Act) => MAY[state].includes(act);
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
  const ask = (act: Act) => ({ expanded: open === act, onClick: toggle(act) });
  const form = { isBusy: command.isBusy, onCancel: close };
  return (
    <section aria-label="What to do with it">
      <div className={styles.acts}>
        {mayAct && can("replay") && <Button {...ask("replay")}>Replay this {what}</Button>}
        {mayEdit && can("edit") && text !== null && <Button {...ask("edit")}>Edit</Button>}
        {mayEdit && can("revert") && item.edited && (
          <Button {...ask("revert")}>Put it back as it came</Button>
        )}
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
      {state === "quarantined" && (
        <p className={styles.label}>Three replays of it failed, so it is not replayed any more.</p>
      )}
      {!mayAct && <p className={styles.label}>Your token may read; for more it needs the right “act”.</p>}
      {open === "replay" && can("replay") && <ReplayOne item={item} onCancel={close} />}
      {open === "edit" && text !== null && can("edit") && (
        <Suspense fallback={<p aria-busy="true" />}>
          <EditForm item={item} text={text} faults={faults} onClose={close} />
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
      {open === "revert" && item.edited && (
        <ReasonForm
          {...form}
          name="Put it back as it came"
          hint="The body is again, byte for byte, what came from upstream. The edit stays in the log."
          onDo={(reason) => void send(revert)(reason)}
        />
      )}
      <Refused command={command} what="It" />
    </section>
  );
}
