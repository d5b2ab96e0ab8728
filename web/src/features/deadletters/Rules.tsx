import type { ItemDetail } from "../../api/operator.ts";
import { difference } from "../../lib/difference.ts";
import { Visible } from "../../ui/Visible.tsx";
import styles from "./ItemView.module.css";

/** The rule that the first fault broke, as it was and as it is. */
export function Rules({ detail: { schema, faults } }: { detail: ItemDetail }) {
  const { name, hash, rule_then: before, rule_now: after } = schema;
  if (name === null || faults.length === 0) return null;
  const changes = before !== null && after !== null ? difference(before, after) : null;
  const isSame = before !== null && before === after;
  const text = (rule: string | null, kind: "old" | "new", Tag: "del" | "ins") => {
    if (rule === null)
      return <span className={styles.label}>The text of this build’s schema is not known.</span>;
    let at = 0;
    return (
      <pre>
        {(changes ?? [{ kind: "same", text: rule }])
          .filter((change) => change.kind === "same" || change.kind === kind)
          .map((change) => {
            at += change.text.length;
            return change.kind === "same" ? (
              <Visible key={at}>{change.text}</Visible>
            ) : (
              <Tag key={at}>
                <Visible>{change.text}</Visible>
              </Tag>
            );
          })}
      </pre>
    );
  };
  return (
    <dl className={styles.rules}>
      <div>
        <dt>
          {isSame ? "The rule, then and now" : "Rule then"}, {name} {hash && <code>{hash.slice(0, 8)}</code>}
        </dt>
        <dd>{text(before, "old", "del")}</dd>
      </div>
      {!isSame && (
        <div>
          <dt>Rule now</dt>
          <dd>{text(after, "new", "ins")}</dd>
        </div>
      )}
    </dl>
  );
}
