import { forwardRef, useImperativeHandle, useState } from "react";
import { type Draft, discard, discardAll, planOf, planOfRoots } from "../../api/commands.ts";
import type { Item } from "../../api/operator.ts";
import { useCommand } from "../../api/useOperator.ts";
import { plural } from "../../lib/format.ts";
import { Button } from "../../ui/Button.tsx";
import styles from "./Forms.module.css";
import { ReasonForm } from "./ReasonForm.tsx";
import { Refused } from "./Refused.tsx";
import { SchemaDrop } from "./SchemaDrop.tsx";

/** The server discards no more at once. */
const MAX_DISCARD = 10_000;

export interface WhatNowHandle {
  dryRun: () => void;
}

interface WhatNowProps {
  filter: string;
  /** How many items match. */
  total: number;
  selected: ReadonlyMap<string, Item>;
  onClear: () => void;
  /** A dry run has been made. */
  onPlan: (plan: string) => void;
}

/** What can be done with the selected rows, or with all that match: every button says how many it touches. */
export const WhatNow = forwardRef<WhatNowHandle, WhatNowProps>(function WhatNow(props, ref) {
  const { filter, total, selected, onClear, onPlan } = props;
  const [draft, setDraft] = useState<Draft | null>(null);
  const [isDiscarding, setDiscarding] = useState(false);
  const [done, setDone] = useState<string | null>(null);
  const command = useCommand();
  const items = [...selected.values()];
  const isSelection = items.length > 0;
  const rows = plural(isSelection ? items.length : total, "row");
  const dryRun = async () => {
    if (total === 0 || command.isBusy) return;
    const roots = items.map(({ root }) => root);
    const plan = await command.run(isSelection ? planOfRoots(roots, draft) : planOf(filter, total, draft));
    if (plan) onPlan(plan.plan);
  };
  useImperativeHandle(ref, () => ({ dryRun: () => void dryRun() }));
  const discardThem = async (reason: string) => {
    let count = 0;
    if (isSelection) {
      for (const { root, version } of items) {
        if (!(await command.run(discard(root, { version, reason })))) break;
        count += 1;
      }
    } else {
      count = (await command.run(discardAll(filter, total, reason)))?.discarded ?? 0;
    }
    if (count > 0) setDone(`${plural(count, "row")} discarded.`);
    setDiscarding(false);
    onClear();
  };
  if (total === 0) return null;
  return (
    <section className={styles.box} aria-label="What to do">
      <h2>{isSelection ? `${rows} selected` : `What would become of ${rows} now?`}</h2>
      <SchemaDrop draft={draft} onDraft={setDraft} />
      <div className={styles.acts}>
        <Button kind="main" disabled={command.isBusy} onClick={() => void dryRun()}>
          Dry run {rows}
        </Button>
        {(isSelection || total <= MAX_DISCARD) && (
          <Button kind="bad" expanded={isDiscarding} onClick={() => setDiscarding(!isDiscarding)}>
            Discard {rows}
          </Button>
        )}
        {isSelection && <Button onClick={onClear}>Select none</Button>}
        <span className={styles.note}>A dry run changes nothing.</span>
      </div>
      {isDiscarding && (
        <ReasonForm
          name={`Discard ${rows}`}
          hint="They leave the list and are not replayed. Each can be restored."
          bad
          isBusy={command.isBusy}
          onDo={(reason) => void discardThem(reason)}
          onCancel={() => setDiscarding(false)}
        />
      )}
      <p role="status" hidden={done === null}>
        {done}
      </p>
      <Refused command={command} what="The list" />
    </section>
  );
});
