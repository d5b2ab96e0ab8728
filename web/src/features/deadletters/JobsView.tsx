import { useState } from "react";
import { jobPath, planPath } from "../../address/deadLetters.ts";
import { type Job, jobsQuery, type Plan, plansQuery } from "../../api/operator.ts";
import { useOperator } from "../../api/useOperator.ts";
import { isFilter, jobState } from "../../findings/jobs.ts";
import { instant } from "../../lib/dates.ts";
import { integer, plural } from "../../lib/format.ts";
import { visible } from "../../lib/visible.ts";
import { Button } from "../../ui/Button.tsx";
import { type Column, numberColumn } from "../../ui/columns.ts";
import { DataTable } from "../../ui/DataTable.tsx";
import { Empty, Failure } from "../../ui/States.tsx";
import { Frame } from "./Frame.tsx";
import lists from "./Lists.module.css";

const COLUMNS: readonly Column<Job>[] = [
  {
    id: "at",
    head: "Asked for",
    kind: "name",
    cell: ({ job, created_at: at }) => <a href={jobPath(job)}>{instant(at)}</a>,
  },
  { id: "by", head: "By", cell: ({ created_by: by }) => visible(by), leaves: "phone" },
  { id: "reason", head: "Why", cell: ({ reason }) => visible(reason), leaves: "phone" },
  { id: "state", head: "State", cell: ({ state }) => <span className={lists.whole}>{jobState(state)}</span> },
  numberColumn<Job>("members", "Rows", ({ counts }) => counts.members, integer, "phone"),
  numberColumn<Job>("resolved", "Resolved", ({ counts }) => counts.resolved, integer),
  numberColumn<Job>("failed", "Failed again", ({ counts }) => counts.failed, integer),
];

/** All replays, newest first. */
export function JobsView() {
  const query = useOperator(jobsQuery());
  const jobs = query.data?.jobs;
  const living = jobs?.filter(({ ended_at: end }) => end === null).length ?? 0;
  const heading = jobs
    ? living > 0
      ? `${plural(living, "replay")} under way`
      : "No replay is under way"
    : null;
  return (
    <Frame heading={heading} current="jobs">
      {query.isPending && <div className={lists.waiting} aria-busy="true" />}
      {query.isError && !jobs && (
        <Failure what="The replays" error={query.error} onRetry={() => void query.refetch()} />
      )}
      {jobs?.length === 0 && (
        <Empty reason="Nothing was replayed yet." hint="Dry-run what is open, then replay what passes." />
      )}
      {jobs && jobs.length > 0 && <Slice cursor={undefined} />}
      <Plans />
    </Frame>
  );
}

const PLAN_COLUMNS: readonly Column<Plan>[] = [
  {
    id: "at",
    head: "Made",
    kind: "name",
    cell: ({ plan, created_at: at }) => <a href={planPath(plan, "all")}>{instant(at)}</a>,
  },
  { id: "by", head: "By", cell: ({ created_by: by }) => visible(by), leaves: "phone" },
  {
    id: "of",
    head: "Of",
    cell: ({ filter }) => (isFilter(filter) ? <code>{visible(filter) || "everything"}</code> : "chosen rows"),
    leaves: "phone",
  },
  { id: "schema", head: "Schema", cell: ({ schema }) => visible(schema ?? "deployed"), leaves: "phone" },
  numberColumn<Plan>("items", "Rows", ({ items }) => items, integer),
  numberColumn<Plan>("passes", "Pass", ({ passes, state }) => (state === "ready" ? passes : null), integer),
];

/** The newest dry runs. */
function Plans() {
  const plans = useOperator(plansQuery()).data?.plans ?? [];
  if (plans.length === 0) return null;
  return (
    <section className={lists.section} aria-label="Dry runs">
      <h2 className={lists.heading}>The newest dry runs</h2>
      <div className={lists.scroll}>
        <DataTable rows={plans} columns={PLAN_COLUMNS} rowKey={({ plan }) => plan} caption="Dry runs" />
      </div>
    </section>
  );
}

function Slice({ cursor }: { cursor: string | undefined }) {
  const query = useOperator(jobsQuery(cursor));
  const [isMore, setMore] = useState(false);
  const { jobs = [], next_cursor: next } = query.data ?? {};
  return (
    <>
      <div className={lists.scroll}>
        <DataTable rows={jobs} columns={COLUMNS} rowKey={({ job }) => job} caption="Replays" />
      </div>
      {next &&
        (isMore ? (
          <Slice cursor={next} />
        ) : (
          <p className={lists.more}>
            <Button onClick={() => setMore(true)}>Show more</Button>
          </p>
        ))}
    </>
  );
}
