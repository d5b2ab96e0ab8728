import { forwardRef, useEffect, useImperativeHandle, useState } from "react";
import {
  countDiscardable,
  type Draft,
  discard,
  discardAll,
  planOf,
  planOfRoots,
} from "../../api/commands.ts";
import type { Item } from "../../api/operator.ts";
import { useCommand } from "../../api/useOperator.ts";
import { plural } from "../../lib/format.ts";
import { type Step, stepFault, stepsIn, stepsText } from "../../lib/steps.ts";
import { Button } from "../../ui/Button.tsx";
import styles from "./Forms.module.css";
import { ReasonForm } from "./ReasonForm.tsx";
import { Refused } from "./Refused.tsx";
import { SchemaDrop } from "./SchemaDrop.tsx";
import { StepsForm } from "./StepsForm.tsx";
import { useRight } from "./session.ts";

/** The server discards no more at once. */
const MAX_DISCARD = 10_000;
/** Browsers refuse an address for every key that is pressed. */
const KEEP_MS = 400;

export interface WhatNowHandle {
  dryRun: () => void;
}

interface WhatNowProps {
  filter: string;
  /** How many items match. */
  total: number;
  selected: ReadonlyMap<string, Item>;
  /** Places of faults, the one that is looked at first. */
  paths: readonly string[];
  /** The steps that the address holds. */
  steps: string | undefined;
  onClear: () => void;
  /** Somebody has written steps. */
  onSteps: (steps: string | undefined) => void;
  /** A dry run has been made. */
  onPlan: (plan: string) => void;
}

/** What can be done with the selected rows, or with all that match: every button says how many it touches. */
export const WhatNow = forwardRef<WhatNowHandle, WhatNowProps>(function WhatNow(props, ref) {
  const { filter, total, selected, paths, onClear, onSteps, onPlan } = props;
  const [draft, setDraft] = useState<Draft | null>(null);
  const [steps, setSteps] = useState<readonly Step[]>(() => stepsIn(props.steps));
  const [isTried, setTried] = useState(false);
  /** How many rows are about to be discarded, and with which selection they were counted. */
  const [counted, setCounted] = useState<{ of: typeof selected; rows: number } | null>(null);
  const discarding = counted?.of === selected ? counted.rows : null;
  const [done, setDone] = useState<string | null>(null);
  const command = useCommand();
  const mayEdit = useRight("edit");
  const items = [...selected.values()];
  const isSelection = items.length > 0;
  const rows = plural(isSelection ? items.length : total, "row");
  const written = stepsText(steps);
  const keep = () => {
    if (written !== props.steps) onSteps(written);
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: only what somebody writes is kept.
  useEffect(() => {
    const timer = setTimeout(keep, KEEP_MS);
    return () => clearTimeout(timer);
  }, [written]);
  const dryRun = async () => {
    if (total === 0 || command.isBusy) return;
    keep();
    setTried(true);
    if (steps.some((step) => stepFault(step) !== null)) return;
    const roots = items.map(({ root }) => root);
    const trial = { schema: draft, steps };
    const plan = await command.run(isSelection ? planOfRoots(roots, trial) : planOf(filter, total, trial));
    if (plan) onPlan(plan.plan);
  };
  useImperativeHandle(ref, () => ({ dryRun: () => void dryRun() }));
  const beginDiscard = async () => {
    if (discarding !== null) return setCounted(null);
    if (isSelection) return setCounted({ of: selected, rows: items.length });
    const answer = await command.run(countDiscardable(filter));
    if (answer) setCounted({ of: selected, rows: answer.matching });
  };
  const discardThem = async (expected: number, reason: string) => {
    let count = 0;
    if (isSelection) {
      for (const { root, version } of items) {
        if (!(await command.run(discard(root, { version, reason })))) break;
        count += 1;
      }
    } else {
      count = (await command.run(discardAll(filter, expected, reason)))?.discarded ?? 0;
    }
    if (count > 0) setDone(`${plural(count, "row")} discarded.`);
    setCounted(null);
    onClear();
  };
  if (total === 0) return null;
  return (
    <section className={styles.box} aria-label="What to do">
      <h2>{isSelection ? `${rows} selected` : `What would become of ${rows} now?`}</h2>
      <SchemaDrop draft={draft} onDraft={setDraft} />
      {mayEdit && <StepsForm steps={steps} paths={paths} isTried={isTried} onSteps={setSteps} />}
      <div className={styles.acts}>
        <Button kind="main" disabled={command.isBusy} onClick={() => void dryRun()}>
          Dry run {rows}
        </Button>
        {(isSelection || total <= MAX_DISCARD) && (
          <Button kind="bad" expanded={discarding !== null} onClick={() => void beginDiscard()}>
            {isSelection ? `Discard ${rows}` : `Discard up to ${rows}\u2026`}
          </Button>
        )}
        {isSelection && <Button onClick={onClear}>Select none</Button>}
        <span className={styles.note}>A dry run changes nothing.</span>
      </div>
      {discarding !== null && (
        <ReasonForm
          name={`Discard ${plural(discarding, "row")}`}
          hint="They leave the list and are not replayed. Each can be restored."
          bad
          isBusy={command.isBusy}
          onDo={(reason) => void discardThem(discarding, reason)}
          onCancel={() => setCounted(null)}
        />
      )}
      <p role="status" hidden={done === null}>
        {done}
      </p>
      <Refused command={command} what="The list" />
    </section>
  );
});
