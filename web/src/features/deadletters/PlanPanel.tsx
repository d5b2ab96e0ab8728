import { useState } from "react";
import { jobPath, planPath } from "../../address/deadLetters.ts";
import type { Plan } from "../../api/operator.ts";
import { planQuery } from "../../api/operator.ts";
import { isUnknown } from "../../api/problem.ts";
import { useOperator } from "../../api/useOperator.ts";
import { integer } from "../../lib/format.ts";
import { stepsOf } from "../../lib/steps.ts";
import { useHistory } from "../../router/useHistory.ts";
import { Button, LinkButton } from "../../ui/Button.tsx";
import styles from "./Forms.module.css";
import { ReplayForm, replayedRows } from "./ReplayForm.tsx";
import { StepList } from "./StepList.tsx";
import { useRight } from "./session.ts";
import { Unread } from "./Unread.tsx";
import { planHeadline, Verdict } from "./Verdict.tsx";

/** A plan, watched until it has been judged. */
export function usePlan(id: string) {
  const [isReady, setReady] = useState(false);
  const query = useOperator(planQuery(id, isReady));
  const { state } = query.data ?? {};
  const isOver = state === "ready" || state === "failed";
  if (isOver !== isReady) setReady(isOver);
  return query;
}

interface PlanPanelProps {
  plan: string;
  /** Puts it away. */
  onClose: () => void;
}

/** A dry run beside the list: what it says, and the way to replay it. */
export function PlanPanel({ plan: id, onClose }: PlanPanelProps) {
  const query = usePlan(id);
  const plan = query.data;
  if (!plan)
    return (
      <section className={styles.box} aria-label="Dry run" aria-busy={!query.isError || undefined}>
        <h2>{isUnknown(query.error) ? "No dry run has this number" : "Dry run"}</h2>
        {query.isError && (
          <div className={styles.acts}>
            <Unread what="The dry run" query={query} />
            <Button onClick={onClose}>Put away</Button>
          </div>
        )}
      </section>
    );
  return (
    <section className={styles.box} aria-label="Dry run" aria-busy={plan.state === "running" || undefined}>
      <h2>{planHeadline(plan)}</h2>
      <Verdict plan={plan} />
      {plan.steps && <StepList steps={stepsOf(plan.steps)} />}
      <PlanActs plan={plan}>
        {plan.fails > 0 && <LinkButton href={planPath(id)}>{`Show the ${integer(plan.fails)}`}</LinkButton>}
        <LinkButton href={planPath(id, "all")}>Whole plan</LinkButton>
        <Button onClick={onClose}>Put away</Button>
      </PlanActs>
    </section>
  );
}

/** What a plan can be used for. */
export function PlanActs({ plan, children }: { plan: Plan; children?: React.ReactNode }) {
  const history = useHistory();
  const mayAct = useRight("act");
  const [isAsking, setAsking] = useState(false);
  const rows = plan.passes > 0 ? plan.replayable : plan.items;
  const canReplay = mayAct && plan.state === "ready" && plan.deployed !== false && rows > 0;
  return (
    <>
      <div className={styles.acts}>
        {plan.job && <LinkButton href={jobPath(plan.job)}>Its replay</LinkButton>}
        {canReplay && (
          <Button
            kind={plan.passes > 0 ? "main" : undefined}
            expanded={isAsking}
            onClick={() => setAsking(!isAsking)}
          >
            {`Replay ${replayedRows(plan, rows)}…`}
          </Button>
        )}
        {children}
      </div>
      {isAsking && (
        <ReplayForm
          plan={plan}
          onJob={(job) => history.go(jobPath(job), true)}
          onCancel={() => setAsking(false)}
        />
      )}
    </>
  );
}
