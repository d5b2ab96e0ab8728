import { deadLettersPath, itemPath } from "../../address/deadLetters.ts";
import { type ItemDetail, itemQuery } from "../../api/operator.ts";
import { asApiError } from "../../api/problem.ts";
import { useOperator } from "../../api/useOperator.ts";
import { itemName, itemPlace, stateName } from "../../findings/deadLetters.ts";
import { capital } from "../../lib/format.ts";
import { visible } from "../../lib/visible.ts";
import { Failure } from "../../ui/States.tsx";
import { Bytes } from "./Bytes.tsx";
import { Difference } from "./Difference.tsx";
import { ItemActions } from "./ItemActions.tsx";
import { ItemLog } from "./ItemLog.tsx";
import styles from "./ItemView.module.css";
import { Origin } from "./Origin.tsx";
import { Rules } from "./Rules.tsx";

/** One dead letter: its bytes, what is wrong with them, where they come from, what can be done and what was. */
export function ItemView({ root }: { root: string }) {
  const query = useOperator(itemQuery(root));
  const detail = query.data;
  if (query.isError && !detail) {
    const error = asApiError(query.error);
    return error.status === 404 ? (
      <p role="alert">
        {capital(visible(error.message))}. <a href={deadLettersPath()}>All that are open</a>
      </p>
    ) : (
      <Failure what="The dead letter" error={error} onRetry={() => void query.refetch()} />
    );
  }
  if (!detail) return <div className={styles.waiting} aria-busy="true" />;
  const { item, text, original, now, stored, actions } = detail;
  const standing = actions.find(({ id }) => id === stored?.edit)?.detail.text;
  // An edited body is judged anew; the letter's faults are of the one that came.
  const faults = item.edited ? now.faults : detail.faults;
  return (
    <article className={styles.item} aria-labelledby="item">
      <header className={styles.header}>
        <h2 id="item">
          <a href={itemPath(root)}>
            <bdi>{itemName(item)}</bdi>
          </a>{" "}
          <span className={styles.place}>{itemPlace(item)}</span>
        </h2>
        <State detail={detail} />
      </header>
      <Bytes detail={detail} faults={faults} />
      {original !== null && text !== null && (
        <section aria-label="What was edited">
          <p className={styles.label}>What was edited</p>
          <Difference before={original} after={text} />
        </section>
      )}
      {item.correction !== null && typeof standing === "string" && text !== null && (
        <section aria-label="What the correction changes">
          <p className={styles.label}>What the correction changes</p>
          <Difference before={standing} after={text} />
        </section>
      )}
      <Rules detail={detail} />
      <Origin detail={detail} />
      <ItemActions detail={detail} faults={now.passes ? [] : now.faults} />
      <ItemLog detail={detail} />
    </article>
  );
}

/** Its state in a word, a shape and a colour, and what the present schemas would say. */
function State({ detail: { item, now } }: { detail: ItemDetail }) {
  const { state, correction } = item;
  const isOver = state === "resolved" || state === "discarded" || state === "published";
  return (
    <span className={styles.state} data-state={state}>
      <svg viewBox="0 0 10 10" aria-hidden="true">
        <path d={SHAPES[state]} />
      </svg>
      {stateName(state)}
      {correction !== null && CORRECTIONS[correction]}
      {!isOver && (now.passes ? ", would pass now" : ", would still fail")}
    </span>
  );
}

const CORRECTIONS = {
  waiting: ", its correction waits for a replay",
  published: ", its correction is under way",
  failed: ", its correction failed",
} as const;

const RING = "M5 1a4 4 0 1 0 0 8a4 4 0 1 0 0-8z";
const SHAPES = {
  open: RING,
  published: "M2 1l6 4l-6 4z",
  resolved: "M1 5l3 3l5-7",
  failed: "M1 1l8 8M9 1l-8 8",
  quarantined: "M1 1h8v8h-8z",
  discarded: "M1 5h8",
} as const;
