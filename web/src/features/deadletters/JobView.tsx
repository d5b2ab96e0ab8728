import { useState } from "react";
import { auditPath, deadLettersPath, planPath } from "../../address/deadLetters.ts";
import { steerJob } from "../../api/commands.ts";
import { groupsQuery, type Job, jobQuery, planQuery } from "../../api/operator.ts";
import { isUnknown } from "../../api/problem.ts";
import { useCommand, useOperator, useReadAnew } from "../../api/useOperator.ts";
import { isFilter, isOver, jobHeadline, jobWords } from "../../findings/jobs.ts";
import { instant } from "../../lib/dates.ts";
import { integer, plural } from "../../lib/format.ts";
import { span } from "../../lib/spans.ts";
import { visible } from "../../lib/visible.ts";
import { Button, LinkButton } from "../../ui/Button.tsx";
import styles from "./Forms.module.css";
import { Frame } from "./Frame.tsx";
import lists from "./Lists.module.css";
import { Refused } from "./Refused.tsx";
import { useRight } from "./session.ts";
import { Unread } from "./Unread.tsx";

/** A replay while it runs, and what became of it. */
export function JobView({ job: id }: { job: string }) {
  const [over, setOver] = useState(false);
  const query = useOperator(jobQuery(id, over));
  const job = query.data;
  if (job && isOver(job) !== over) setOver(isOver(job));
  // The frame's counts are looked at less often than the job.
  useReadAnew(groupsQuery(""), job && JSON.stringify([job.state, job.counts]));
  if (!job) {
    return (
      <Frame heading={isUnknown(query.error) ? "No replay has this number" : "Replay"} current="jobs">
        {query.isError && (
          <div className={lists.page}>
            <Unread what="The replay" query={query} />
          </div>
        )}
        {query.isPending && <div className={lists.waiting} aria-busy="true" />}
      </Frame>
    );
  }
  return (
    <Frame heading={jobHeadline(job)} sub={<Made job={job} />} current="jobs">
      <div className={lists.page}>
        <section className={styles.box} aria-label="Progress">
          <p role="status">{jobWords(job)}</p>
          <Progress job={job} />
          <Skips skips={job.skips} />
          <Steer job={job} />
          {job.counts.failed > 0 && (
            <div className={styles.acts}>
              <LinkButton href={deadLettersPath(`job:${id} state:failed,quarantined`)}>
                Show what failed again
              </LinkButton>
            </div>
          )}
        </section>
        <Joined job={job} />
        <p className={lists.note}>
          <a href={auditPath({ job: id })}>Its lines in the audit</a>
        </p>
      </div>
    </Frame>
  );
}

function Made({ job }: { job: Job }) {
  return (
    <>
      Asked for by <b>{visible(job.created_by)}</b> on {instant(job.created_at)}: {visible(job.reason)}.{" "}
      <a href={planPath(job.plan, "all")}>Its plan</a>
    </>
  );
}

const PARTS = [
  ["resolved", "resolved"],
  ["published", "in flight"],
  ["failed", "failed again"],
  ["skipped", "skipped"],
] as const;

function Progress({ job: { counts, eta_seconds: eta } }: { job: Job }) {
  const done = PARTS.reduce((sum, [part]) => sum + counts[part], 0);
  const left = Math.max(0, counts.members - done);
  return (
    <>
      <div
        className={lists.bar}
        role="progressbar"
        aria-label="Replayed"
        aria-valuemin={0}
        aria-valuemax={counts.members}
        aria-valuenow={counts.resolved + counts.failed + counts.skipped}
      >
        {PARTS.map(
          ([part]) =>
            counts[part] > 0 && <i key={part} className={lists[part]} style={{ flex: counts[part] }} />,
        )}
        {left > 0 && <i className={lists.left} style={{ flex: left }} />}
      </div>
      <dl className={lists.counts}>
        {PARTS.map(([part, name]) => (
          <div key={part}>
            <dt>{name}</dt> <dd>{integer(counts[part])}</dd>
          </div>
        ))}
        <div>
          <dt>waiting</dt> <dd>{integer(counts.waiting)}</dd>
        </div>
        {eta !== null && eta > 0 && (
          <div>
            <dt>about</dt> <dd>{span(eta * 1000)}</dd> <dt>left</dt>
          </div>
        )}
      </dl>
    </>
  );
}

/** Why some were left out. */
function Skips({ skips }: Pick<Job, "skips">) {
  if (skips.length === 0) return null;
  return (
    <ul aria-label="Skipped">
      {skips.map(({ why, members }) => (
        <li key={why}>
          {integer(members)} skipped: {visible(why)}
        </li>
      ))}
    </ul>
  );
}

const STEERS = { pause: "Pause", resume: "Go on with", cancel: "Cancel" } as const;

/** Pause, go on, cancel: what is in flight is finished all the same. */
function Steer({ job }: { job: Job }) {
  const command = useCommand();
  const mayAct = useRight("act");
  if (isOver(job) || !mayAct) return null;
  const rows = plural(job.counts.waiting, "waiting row");
  const may = job.state === "paused" ? (["resume", "cancel"] as const) : (["pause", "cancel"] as const);
  return (
    <>
      <div className={styles.acts}>
        {may.map((how) => (
          <Button
            key={how}
            kind={how === "cancel" ? "bad" : undefined}
            disabled={command.isBusy || job.asked === how}
            onClick={() => void command.run(steerJob(job.job, how))}
          >
            {STEERS[how]} {rows}
          </Button>
        ))}
        {job.asked && (
          <span className={styles.note}>Asked to {job.asked}; the replayer does it in a moment.</span>
        )}
      </div>
      <Refused command={command} what="The replay" />
    </>
  );
}

/** Items that came after the plan was frozen. */
function Joined({ job }: { job: Job }) {
  const plan = useOperator(planQuery(job.plan, true)).data;
  if (job.joined_since === 0) return null;
  const { joined_since: count } = job;
  return (
    <p>
      <b>{plural(count, "row")}</b> joined after the plan was frozen and {count === 1 ? "is" : "are"} not
      replayed by it.{" "}
      {plan && isFilter(plan.filter) && (
        <a href={deadLettersPath(plan.filter)}>{count === 1 ? "Show it" : "Show them"}</a>
      )}
    </p>
  );
}
