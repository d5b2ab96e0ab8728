import { useState } from "react";
import { itemPath, type PlanSearch, readPlan } from "../../address/deadLetters.ts";
import { type Member, membersQuery, type Plan } from "../../api/operator.ts";
import { useOperator } from "../../api/useOperator.ts";
import { faultWords, outcomeWords, verdictWords } from "../../findings/members.ts";
import { Button } from "../../ui/Button.tsx";
import type { Column } from "../../ui/columns.ts";
import { DataTable } from "../../ui/DataTable.tsx";
import { Segmented } from "../../ui/Segmented.tsx";
import { Failure } from "../../ui/States.tsx";
import { Visible } from "../../ui/Visible.tsx";
import { useView } from "../useView.ts";
import styles from "./Forms.module.css";
import lists from "./Lists.module.css";
import { MemberChanges } from "./MemberChanges.tsx";

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
  { id: "verdict", head: "Verdict", cell: verdictWords },
  {
    id: "why",
    head: "Why",
    cell: faultWords,
    leaves: "phone",
  },
  {
    id: "outcome",
    head: "Became",
    cell: (member) => outcomeWords(member) ?? "–",
  },
];

const ONLY = [
  ["fail", "Those that fail"],
  ["pass", "Those that pass"],
  ["all", "All"],
] as const;

/** The rows of a plan, with what its steps make of each where it has any. */
export function MemberList({ plan }: { plan: Plan }) {
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
        isChanged={plan.steps !== null}
      />
    </section>
  );
}

interface MemberSliceProps {
  plan: string;
  verdict: string | undefined;
  cursor: string | undefined;
  /** Whether the plan has steps. */
  isChanged: boolean;
}

function MemberSlice(props: MemberSliceProps) {
  const { plan, verdict, cursor, isChanged } = props;
  const texts = isChanged ? "true" : undefined;
  const query = useOperator(membersQuery(plan, { verdict, cursor, texts }));
  const [isMore, setMore] = useState(false);
  const { members = [], next_cursor: next } = query.data ?? {};
  if (query.isError && !query.data)
    return <Failure what="The rows" error={query.error} onRetry={() => void query.refetch()} />;
  if (query.isPending) return <div className={lists.waiting} aria-busy="true" />;
  if (members.length === 0) return <p className={styles.note}>None.</p>;
  return (
    <>
      {isChanged ? (
        <MemberChanges members={members} />
      ) : (
        <div className={lists.scroll}>
          <DataTable
            rows={members}
            columns={MEMBER_COLUMNS}
            rowKey={({ root }) => root}
            caption="Rows of the plan"
          />
        </div>
      )}
      {next &&
        (isMore ? (
          <MemberSlice {...props} cursor={next} />
        ) : (
          <p className={lists.more}>
            <Button onClick={() => setMore(true)}>Show more</Button>
          </p>
        ))}
    </>
  );
}
