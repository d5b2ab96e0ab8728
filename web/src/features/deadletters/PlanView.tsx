import { useState } from "react";
import { deadLettersPath, itemPath, type PlanSearch, planPath, readPlan } from "../../address/deadLetters.ts";
import { type Draft, planOf } from "../../api/commands.ts";
import { type Member, membersQuery, type Plan } from "../../api/operator.ts";
import { asApiError } from "../../api/problem.ts";
import { useCommand, useOperator } from "../../api/useOperator.ts";
import { isFilter } from "../../findings/jobs.ts";
import { instant } from "../../lib/dates.ts";
import { integer } from "../../lib/format.ts";
import { visible } from "../../lib/visible.ts";
import { useHistory } from "../../router/useHistory.ts";
import { Button } from "../../ui/Button.tsx";
import type { Column } from "../../ui/columns.ts";
import { DataTable } from "../../ui/DataTable.tsx";
import { Segmented } from "../../ui/Segmented.tsx";
import { Failure } from "../../ui/States.tsx";
import { Visible } from "../../ui/Visible.tsx";
import { useView } from "../useView.ts";
import styles from "./Forms.module.css";
import { Frame } from "./Frame.tsx";
import lists from "./Lists.module.css";
import { PlanActs, usePlan } from "./PlanPanel.tsx";
import { Refused } from "./Refused.tsx";
import { SchemaDrop } from "./SchemaDrop.tsx";
import { useRight } from "./session.ts";
import { planHeadline, Verdict } from "./Verdict.tsx";

/** A dry run: frozen rows, what the judge says of each, and the way to replay them. */
export function PlanView({ plan: id }: { plan: string }) {
  const query = usePlan(id);
  const plan = query.data;
  const isUnknown = query.isError && asApiError(query.error).status === 404;
  if (!plan)
    return (
      <Frame heading={isUnknown ? "No dry run has this number" : "Dry run"} current={null}>
        {query.isError && (
          <Failure what="The dry run" error={query.error} onRetry={() => void query.refetch()} />
        )}
        {query.isPending && <div className={lists.waiting} aria-busy="true" />}
      </Frame>
    );
  return (
    <Frame heading={planHeadline(plan)} sub={<Made plan={plan} />} current={null}>
      <div className={lists.page}>
        <section className={styles.box} aria-label="Verdict">
          <Verdict plan={plan} />
          <PlanActs plan={plan} />
        </section>
        {plan.failures.length > 0 && <Failures failures={plan.failures} />}
        {plan.state === "ready" && <MemberList plan={plan} />}
        <Again plan={plan} />
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
      {steps && steps.length > 0 && `, after ${integer(steps.length)} changes of each`}
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

const MEMBER_COLUMNS: readonly Column<Member>[] = [
  {
    id: "row",
    head: "Row",
    kind: "name",
    cell: ({ root, title }) => (
      <a href={itemPath(root)}>
        <Visible>{title ?? root}</Visible>
      </a>
    ),
  },
  { id: "verdict", head: "Verdict", cell: ({ verdict }) => verdictWords(verdict) },
  {
    id: "why",
    head: "Why",
    cell: ({ faults }) =>
      faults.map(({ path, keyword, message }) => visible(`${path} ${message ?? keyword}`.trim())).join("; "),
    leaves: "phone",
  },
  {
    id: "outcome",
    head: "Became",
    cell: ({ outcome, skipped, changed }) =>
      outcome === "skipped"
        ? `skipped: ${visible(skipped ?? "no reason is known")}`
        : (outcome ?? (changed ? "changed since" : "–")),
  },
];

function verdictWords(verdict: Member["verdict"]): string {
  return verdict === "pass" ? "passes" : verdict === "fail" ? "fails" : "not judged";
}

const ONLY = [
  ["fail", "Those that fail"],
  ["pass", "Those that pass"],
  ["all", "All"],
] as const;

function MemberList({ plan }: { plan: Plan }) {
  const { search, change } = useView(readPlan);
  const only = search.members ?? (plan.fails > 0 ? "fail" : "all");
  return (
    <section aria-label="Rows of the plan">
      <h2 className={lists.heading}>Rows of the plan</h2>
      <Segmented
        label="Which rows"
        value={only}
        options={ONLY}
        onChange={(members) => change({ members: members as PlanSearch["members"] })}
      />
      <MemberSlice
        key={only}
        plan={plan.plan}
        verdict={only === "all" ? undefined : only}
        cursor={undefined}
      />
    </section>
  );
}

interface MemberSliceProps {
  plan: string;
  verdict: string | undefined;
  cursor: string | undefined;
}

function MemberSlice({ plan, verdict, cursor }: MemberSliceProps) {
  const query = useOperator(membersQuery(plan, { verdict, cursor }));
  const [isMore, setMore] = useState(false);
  const { members = [], next_cursor: next } = query.data ?? {};
  if (query.isError && !query.data)
    return <Failure what="The rows" error={query.error} onRetry={() => void query.refetch()} />;
  if (query.isPending) return <div className={lists.waiting} aria-busy="true" />;
  if (members.length === 0) return <p className={styles.note}>None.</p>;
  return (
    <>
      <div className={lists.scroll}>
        <DataTable
          rows={members}
          columns={MEMBER_COLUMNS}
          rowKey={({ root }) => root}
          caption="Rows of the plan"
        />
      </div>
      {next &&
        (isMore ? (
          <MemberSlice plan={plan} verdict={verdict} cursor={next} />
        ) : (
          <p className={lists.more}>
            <Button onClick={() => setMore(true)}>Show more</Button>
          </p>
        ))}
    </>
  );
}

/** The same rows judged once more: as they are now, or by another schema. */
function Again({ plan }: { plan: Plan }) {
  const history = useHistory();
  const command = useCommand();
  const mayAct = useRight("act");
  const [draft, setDraft] = useState<Draft | null>(null);
  if (!mayAct || !isFilter(plan.filter)) return null;
  const make = async () => {
    const made = await command.run(planOf(plan.filter, null, draft));
    if (made) history.go(planPath(made.plan), true);
  };
  return (
    <section className={styles.box} aria-label="Once more">
      <h2>Dry-run it once more</h2>
      <p className={styles.note}>A new plan of what matches the filter now.</p>
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
