import type { ReactNode } from "react";
import type { Plan } from "../../api/operator.ts";
import { integer, list, plural } from "../../lib/format.ts";
import { visible } from "../../lib/visible.ts";
import styles from "./Verdict.module.css";

/** "897 of 900 would pass now": what a dry run says, or how far it is. */
export function planHeadline({ state, passes, items, schema }: Plan): string {
  if (state === "failed") return "The dry run could not be made";
  if (state !== "ready") return `Dry run of ${plural(items, "row")}`;
  const with_ = schema ? `with ${visible(schema)}` : "now";
  if (passes === items)
    return `Dry run: ${items === 1 ? "the row" : `all ${integer(items)}`} would pass ${with_}`;
  return `Dry run: ${passes === 0 ? "none" : integer(passes)} of ${integer(items)} would pass ${with_}`;
}

/** What a dry run says, as a bar and in words. */
export function Verdict({ plan, children }: { plan: Plan; children?: ReactNode }) {
  const {
    state,
    items,
    passes,
    fails,
    invalid,
    error,
    accepted_checked: checked,
    accepted_failing: failing,
  } = plan;
  if (state === "failed") return <p role="alert">{visible(error ?? "No reason is known.")}</p>;
  const judged = passes + fails;
  return (
    <>
      <div
        className={styles.bar}
        role="img"
        aria-label={`${integer(passes)} pass, ${integer(fails)} fail, ${integer(items - judged)} not judged yet`}
      >
        {passes > 0 && <i className={styles.pass} style={{ flex: passes }} />}
        {fails > 0 && <i className={styles.fail} style={{ flex: fails }} />}
        {items > judged && <i className={styles.rest} style={{ flex: items - judged }} />}
      </div>
      {state === "ready" ? (
        <div className={styles.why}>
          <span>
            <b>{integer(passes)}</b> {passes === 1 ? "passes" : "pass"}
          </span>
          {fails > 0 && (
            <span>
              <b>{integer(fails)}</b> still {fails === 1 ? "fails" : "fail"}
              {plan.failures.length > 0 && `: ${list(plan.failures.slice(0, 3).map(failureWords))}`}
            </span>
          )}
        </div>
      ) : (
        <p role="status">
          {integer(judged)} of {integer(items)} judged.
        </p>
      )}
      {checked !== null && failing !== null && (
        <p className={failing > 0 ? styles.warn : undefined}>
          Of the last {integer(checked)} accepted rows {failing === 0 ? "none" : <b>{integer(failing)}</b>}{" "}
          would now fail.
        </p>
      )}
      {invalid > 0 && (
        <p className={styles.warn}>
          {plural(invalid, "row")} {invalid === 1 ? "has" : "have"} changed since, and{" "}
          {invalid === 1 ? "is" : "are"} not replayed by this plan.
        </p>
      )}
      {state === "ready" && plan.job === null && plan.replayable < passes && (
        <p className={styles.warn}>
          {plan.replayable === 0 ? "None" : <b>{integer(plan.replayable)}</b>} of those that pass can be
          replayed now: the others are not open, changed since, or held back.
        </p>
      )}
      {state === "ready" && plan.job === null && plan.deployed === false && (
        <p className={styles.warn}>
          The schema that judged is not deployed: once it is, this dry run can be replayed here.
        </p>
      )}
      {children}
    </>
  );
}

function failureWords({ path, keyword, items }: Plan["failures"][number]): string {
  return `${visible(path) || "the whole body"} ${visible(keyword)} (${integer(items)})`;
}
