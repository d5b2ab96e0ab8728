import { useId, useState } from "react";
import { startJob } from "../../api/commands.ts";
import type { Plan } from "../../api/operator.ts";
import { useCommand } from "../../api/useOperator.ts";
import { plural } from "../../lib/format.ts";
import styles from "./Forms.module.css";
import { ReasonForm } from "./ReasonForm.tsx";
import { Refused } from "./Refused.tsx";

interface ReplayFormProps {
  plan: Plan;
  /** The replay has been asked for. */
  onJob: (job: string) => void;
  onCancel: () => void;
}

/** "7 rows", or "7 rows that fail" of a plan in which nothing passes. */
export function replayedRows({ passes }: Plan, rows: number): string {
  return plural(rows, "row") + (passes > 0 ? "" : ` that ${rows === 1 ? "fails" : "fail"}`);
}

/** Replays what a plan says passes, or all of it: a few first, then the rest at a rate. */
export function ReplayForm({ plan, onJob, onCancel }: ReplayFormProps) {
  const [members, setMembers] = useState<"pass" | "all">(plan.passes > 0 ? "pass" : "all");
  const [canary, setCanary] = useState(10);
  const [rate, setRate] = useState(200);
  const [stop, setStop] = useState(5);
  const command = useCommand();
  const name = useId();
  const rows = replayedRows(plan, members === "pass" ? plan.replayable : plan.items);
  const go = async (reason: string) => {
    const job = await command.run(
      startJob(plan.plan, { members, rate, canary, stop_share: stop / 100, reason }),
    );
    if (job) onJob(job.job);
  };
  return (
    <ReasonForm
      name={`Replay ${rows}`}
      hint={`${canary} first; it stops when more than ${stop} % of them fail, and else goes on at ${rate} a second.`}
      isBusy={command.isBusy}
      onDo={(reason) => void go(reason)}
      onCancel={onCancel}
    >
      {plan.passes > 0 && plan.fails > 0 && (
        <fieldset className={styles.which}>
          <legend className="vh">Which rows</legend>
          {(["pass", "all"] as const).map((which) => (
            <label key={which}>
              <input
                type="radio"
                name={name}
                checked={members === which}
                onChange={() => setMembers(which)}
              />
              {which === "pass"
                ? `the ${plan.replayable} that pass`
                : `all ${plan.items}, those that fail too`}
            </label>
          ))}
        </fieldset>
      )}
      <div className={styles.fields}>
        <Amount name="First" value={canary} min={0} max={1000} onValue={setCanary} />
        <Amount name="Rows a second" value={rate} min={1} max={1000} onValue={setRate} />
        <Amount name="Stop above % failures" value={stop} min={0} max={100} onValue={setStop} />
      </div>
      <Refused command={command} what="The plan" />
    </ReasonForm>
  );
}

interface AmountProps {
  name: string;
  value: number;
  min: number;
  max: number;
  onValue: (value: number) => void;
}

function Amount({ name, value, min, max, onValue }: AmountProps) {
  return (
    <label>
      {name}
      <input
        type="number"
        required
        min={min}
        max={max}
        value={value}
        onInput={(event) => onValue(event.currentTarget.valueAsNumber)}
      />
    </label>
  );
}
