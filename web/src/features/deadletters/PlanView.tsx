import { useState } from "react";
import { deadLettersPath, planPath } from "../../address/deadLetters.ts";
import { type Draft, planOf } from "../../api/commands.ts";
import type { Plan } from "../../api/operator.ts";
import { isUnknown } from "../../api/problem.ts";
import { useCommand } from "../../api/useOperator.ts";
import { isFilter } from "../../findings/jobs.ts";
import { instant } from "../../lib/dates.ts";
import { integer, plural } from "../../lib/format.ts";
import { type Step, stepsOf, stepsText } from "../../lib/steps.ts";
import { visible } from "../../lib/visible.ts";
import { useHistory } from "../../router/useHistory.ts";
import { Button, LinkButton } from "../../ui/Button.tsx";
import type { Column } from "../../ui/columns.ts";
import { DataTable } from "../../ui/DataTable.tsx";
import styles from "./Forms.module.css";
import { Frame } from "./Frame.tsx";
import lists from "./Lists.module.css";
import { MemberList } from "./MemberList.tsx";
import { PlanActs, usePlan } from "./PlanPanel.tsx";
import { Refused } from "./Refused.tsx";
import { SchemaDrop } from "./SchemaDrop.tsx";
import { StepList } from "./StepList.tsx";
import { useRight } from "./session.ts";
import { Unread } from "./Unread.tsx";
import { planHeadline, Verdict } from "./Verdict.tsx";

/** A dry run: frozen rows, what the judge says of each, and the way to replay them. */
export function PlanView({ plan: id }: { plan: string }) {
  const query = usePlan(id);
  const plan = query.data;
  if (!plan)
    return (
      <Frame heading={isUnknown(query.error) ? "No dry run has this number" : "Dry run"} current={null}>
        {query.isError && (
          <div className={lists.page}>
            <Unread what="The dry run" query={query} />
          </div>
        )}
        {query.isPending && <div className={lists.waiting} aria-busy="true" />}
      </Frame>
    );
  const steps = stepsOf(plan.steps);
  return (
    <Frame heading={planHeadline(plan)} sub={<Made plan={plan} />} current={null}>
      <div className={lists.page}>
        <section className={styles.box} aria-label="Verdict">
          <Verdict plan={plan} />
          <PlanActs plan={plan} />
        </section>
        {steps.length > 0 && <Changes plan={plan} steps={steps} />}
        {plan.failures.length > 0 && <Failures failures={plan.failures} />}
        {plan.state === "ready" && <MemberList plan={plan} />}
        <Again plan={plan} steps={steps} />
      </div>
    </Frame>
  );
}

/** Who made it, of what, and who judged. */
function Made({ plan }: { plan: Plan }) {
  const { created_by: actor, created_at: at, filter, schema, steps, judge } = plan;
  return (
    <>
      Made by <b>{visible(actor)}</b> on {instant(at)}
      {isFilter(filter) ? (
        <>
          {" "}
          of{" "}
          <a href={deadLettersPath(filter)}>
            {filter === "" ? "everything" : <code>{visible(filter)}</code>}
          </a>
        </>
      ) : (
        " of chosen rows"
      )}
      {steps && steps.length > 0 && `, after ${plural(steps.length, "change")} of each`}
      {schema && (
        <>
          , with the schema <b>{visible(schema)}</b>, which somebody gave
        </>
      )}
      {judge && (
        <>
          , judged by <code>{judge.slice(0, 12)}</code>
        </>
      )}
      .
    </>
  );
}

const FAILURE_COLUMNS: readonly Column<Plan["failures"][number]>[] = [
  {
    id: "path",
    head: "Where",
    kind: "name",
    cell: ({ path }) => <code>{visible(path) || "the whole body"}</code>,
  },
  { id: "keyword", head: "Rule", cell: ({ keyword }) => visible(keyword) },
  { id: "message", head: "Why", cell: ({ message }) => visible(message ?? ""), leaves: "phone" },
  { id: "items", head: "Rows", kind: "number", cell: ({ items }) => integer(items) },
];

function Failures({ failures }: Pick<Plan, "failures">) {
  return (
    <section aria-label="Why the others fail">
      <h2 className={lists.heading}>Why the others fail</h2>
      <div className={lists.scroll}>
        <DataTable
          rows={failures}
          columns={FAILURE_COLUMNS}
          rowKey={({ path, keyword, message }) => `${path} ${keyword} ${message}`}
          caption="Why the others fail"
        />
      </div>
    </section>
  );
}

/** What each text is changed by before it is judged, and the way to change that. */
function Changes({ plan: { filter }, steps }: { plan: Plan; steps: readonly Step[] }) {
  const mayEdit = useRight("edit");
  return (
    <section aria-label="Changes">
      <h2 className={lists.heading}>What is changed first</h2>
      <StepList steps={steps} />
      {mayEdit && isFilter(filter) && (
        <p className={lists.more}>
          <LinkButton href={deadLettersPath(filter, { steps: stepsText(steps) })}>
            Change the steps
          </LinkButton>
        </p>
      )}
    </section>
  );
}

/** The same rows judged once more: as they are now, or by another schema. */
function Again({ plan, steps }: { plan: Plan; steps: readonly Step[] }) {
  const history = useHistory();
  const command = useCommand();
  const mayAct = useRight("act");
  const [draft, setDraft] = useState<Draft | null>(null);
  if (!mayAct || !isFilter(plan.filter)) return null;
  const make = async () => {
    const made = await command.run(planOf(plan.filter, null, { schema: draft, steps }));
    if (made) history.go(planPath(made.plan), true);
  };
  return (
    <section className={styles.box} aria-label="Once more">
      <h2>Dry-run it once more</h2>
      <p className={styles.note}>
        A new plan of what matches the filter now{steps.length > 0 && ", after the same changes"}.
      </p>
      <SchemaDrop draft={draft} onDraft={setDraft} />
      <div className={styles.acts}>
        <Button disabled={command.isBusy} onClick={() => void make()}>
          Make a new dry run
        </Button>
      </div>
      <Refused command={command} what="The plan" />
    </section>
  );
}
