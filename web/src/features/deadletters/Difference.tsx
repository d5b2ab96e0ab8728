import { useMemo } from "react";
import { difference, shortened } from "../../lib/difference.ts";
import { Visible } from "../../ui/Visible.tsx";
import styles from "./Difference.module.css";

/** What has changed between two texts. */
export function Difference({ before, after }: { before: string; after: string }) {
  const changes = useMemo(() => shortened(difference(before, after)), [before, after]);
  let at = 0;
  return (
    <pre className={styles.difference}>
      {changes.map(({ kind, text }) => {
        at += text.length;
        const Tag = kind === "old" ? "del" : kind === "new" ? "ins" : "span";
        return (
          <Tag key={`${at} ${kind}`}>
            <Visible>{text}</Visible>
          </Tag>
        );
      })}
    </pre>
  );
}
