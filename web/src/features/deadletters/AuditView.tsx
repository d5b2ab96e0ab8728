import { useState } from "react";
import { type AuditSearch, auditPath, itemPath, readAudit } from "../../address/deadLetters.ts";
import { type Action, auditQuery } from "../../api/operator.ts";
import { useOperator } from "../../api/useOperator.ts";
import { day, exactTime } from "../../lib/dates.ts";
import { plural } from "../../lib/format.ts";
import { visible } from "../../lib/visible.ts";
import { Button } from "../../ui/Button.tsx";
import type { Column } from "../../ui/columns.ts";
import { DataTable } from "../../ui/DataTable.tsx";
import { Empty, Failure } from "../../ui/States.tsx";
import { Visible } from "../../ui/Visible.tsx";
import { useView } from "../useView.ts";
import { Difference } from "./Difference.tsx";
import { Frame } from "./Frame.tsx";
import { Done } from "./ItemLog.tsx";
import lists from "./Lists.module.css";

const COLUMNS: readonly Column<Action>[] = [
  {
    id: "at",
    head: "When",
    cell: ({ at }) => (
      <time dateTime={at}>
        <span className={lists.piece}>{day(at)},</span> <span className={lists.piece}>{exactTime(at)}</span>
      </time>
    ),
  },
  {
    id: "by",
    head: "Who",
    cell: ({ actor }) => (
      <a href={auditPath({ actor })}>
        <Visible>{actor}</Visible>
      </a>
    ),
    leaves: "phone",
  },
  {
    id: "what",
    head: "What and why",
    cell: (action) => (
      <>
        <Done action={action} />
        {action.root && (
          <div className={lists.note}>
            <a href={itemPath(action.root)}>
              <Visible>{action.root}</Visible>
            </a>
          </div>
        )}
        <Detail action={action} />
      </>
    ),
  },
  { id: "sent", head: "In AUDIT", cell: ({ sent }) => (sent ? "yes" : "not yet"), leaves: "phone" },
];

/** What an action changed, as data; an edit as the difference that it made. */
function Detail({ action: { before, detail } }: { action: Action }) {
  const { text } = detail;
  if (typeof text === "string") return before === null ? null : <Difference before={before} after={text} />;
  const words = wordsOf(detail);
  return words.length === 0 ? null : (
    <div className={lists.note}>
      <Visible>{words.join(", ")}</Visible>
    </div>
  );
}

/** "state: done", "resolved: 97", "owner: none": each value with its name, also those of a part. */
function wordsOf(data: object): string[] {
  return Object.entries(data).flatMap(([name, value]) => {
    if (value === null) return `${name}: none`;
    if (typeof value === "object" && !Array.isArray(value)) return wordsOf(value);
    return `${name}: ${typeof value === "string" ? value : JSON.stringify(value)}`;
  });
}

/** Who did what, when and why. */
export function AuditView() {
  const { search, change } = useView(readAudit);
  const { root, job, actor } = search;
  const only = { root, job, actor };
  const query = useOperator(auditQuery(only));
  const { actions, unsent = 0 } = query.data ?? {};
  const heading = actions ? headingOf(only, actions.length) : null;
  return (
    <Frame
      heading={heading}
      sub={
        unsent > 0 && (
          <span className={lists.warn}>{plural(unsent, "action")} on the way to the stream AUDIT.</span>
        )
      }
      current="audit"
    >
      {(root || job || actor) && (
        <p className={lists.more}>
          <code>
            <Visible>{[root, job, actor].filter(Boolean).join(", ")}</Visible>
          </code>{" "}
          <Button onClick={() => change({ root: undefined, job: undefined, actor: undefined }, true)}>
            Show all
          </Button>
        </p>
      )}
      {query.isPending && <div className={lists.waiting} aria-busy="true" />}
      {query.isError && !actions && (
        <Failure what="The audit" error={query.error} onRetry={() => void query.refetch()} />
      )}
      {actions?.length === 0 && (
        <Empty
          reason="No action is kept."
          hint="Whatever somebody does with dead letters is written down here."
        />
      )}
      {actions && actions.length > 0 && <Slice key={JSON.stringify(only)} only={only} cursor={undefined} />}
    </Frame>
  );
}

function headingOf({ root, job, actor }: AuditSearch, count: number): string {
  if (count === 0) return root || job || actor ? "No action is like that" : "Nobody has done anything yet";
  if (root) return "What was done with one dead letter";
  if (job) return "What one replay did";
  return actor ? `What ${visible(actor)} did` : "Who did what, and why";
}

interface SliceProps {
  only: Pick<AuditSearch, "root" | "job" | "actor">;
  cursor: string | undefined;
}

function Slice({ only, cursor }: SliceProps) {
  const query = useOperator(auditQuery({ ...only, cursor }));
  const [isMore, setMore] = useState(false);
  const { actions = [], next_cursor: next } = query.data ?? {};
  return (
    <>
      <div className={lists.scroll}>
        <DataTable rows={actions} columns={COLUMNS} rowKey={({ id }) => id} caption="Actions" />
      </div>
      {next &&
        (isMore ? (
          <Slice only={only} cursor={next} />
        ) : (
          <p className={lists.more}>
            <Button onClick={() => setMore(true)}>Show more</Button>
          </p>
        ))}
    </>
  );
}
