import { useEffect, useState } from "react";
import { jobPath } from "../../address/deadLetters.ts";
import { planOfRoots, startJob } from "../../api/commands.ts";
import { type Item, planQuery } from "../../api/operator.ts";
import { useCommand, useOperator } from "../../api/useOperator.ts";
import { visible } from "../../lib/visible.ts";
import { useHistory } from "../../router/useHistory.ts";
import { Button } from "../../ui/Button.tsx";
import styles from "./Forms.module.css";
import { ReasonForm } from "./ReasonForm.tsx";
import { Refused } from "./Refused.tsx";

const EDIT_FIRST = "Edit it first, or replay it all the same: the third failure quarantines it.";

const ONE = { rate: 200, canary: 0, stop_share: 1 } as const;

/** Replays one item: a plan of it alone, and a job of that plan once it is judged. */
export function ReplayOne({ item, onCancel }: { item: Item; onCancel: () => void }) {
  const history = useHistory();
  const command = useCommand();
  const { run } = command;
  const [asked, setAsked] = useState<{ plan: string; reason: string } | null>(null);
  const plan = useOperator(planQuery(asked?.plan ?? "", false), asked !== null).data;
  const isForced = item.state === "quarantined";
  const start = async (members: "pass" | "all") => {
    if (!asked) return;
    const settings = { ...ONE, members, reason: asked.reason };
    const job = await run(startJob(asked.plan, isForced ? { ...settings, force: true } : settings));
    if (job) history.go(jobPath(job.job), true);
  };
  const isPassed = plan?.state === "ready" && plan.passes === 1;
  // biome-ignore lint/correctness/useExhaustiveDependencies: it starts once, when the plan is ready.
  useEffect(() => {
    if (isPassed) void start("pass");
  }, [isPassed]);
  const what = item.row === null ? "page" : "row";
  if (asked === null)
    return (
      <ReasonForm
        name={`Replay 1 ${what}`}
        hint={`The ${what} is judged by the deployed schemas, and goes through the pipeline again when it passes.`}
        isBusy={command.isBusy}
        onDo={(reason) =>
          void run(planOfRoots([item.root])).then((made) => made && setAsked({ plan: made.plan, reason }))
        }
        onCancel={onCancel}
      >
        <Refused command={command} what="It" />
      </ReasonForm>
    );
  const isOver = plan?.state === "ready" || plan?.state === "failed";
  return (
    <div className={styles.form} role="status" aria-busy={!isOver || undefined}>
      {!isOver && <p>Judging the {what} …</p>}
      {plan?.state === "failed" && <p>{visible(plan.error ?? "The dry run could not be made.")}</p>}
      {plan?.state === "ready" && !isPassed && (
        <>
          <p>
            It would still fail
            {plan.failures[0] && (
              <>
                : <code>{visible(plan.failures[0].path) || "the whole body"}</code>{" "}
                {visible(plan.failures[0].message ?? plan.failures[0].keyword)}
              </>
            )}
            . {isForced ? "Replay it only if something else has changed." : EDIT_FIRST}
          </p>
          <div className={styles.acts}>
            <Button kind="bad" disabled={command.isBusy} onClick={() => void start("all")}>
              Replay 1 {what} all the same
            </Button>
            <Button onClick={onCancel}>Leave it</Button>
          </div>
        </>
      )}
      <Refused command={command} what="It" />
    </div>
  );
}
