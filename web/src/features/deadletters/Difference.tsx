import { useMemo } from "react";
import { difference, shortened } from "../../lib/difference.ts";
import { Visible } from "../../ui/Visible.tsx";
import styles from "./Difference.module.css";

interface DifferenceProps {
  before: string;
  after: string;
  /** Whether what both have is shown in full. */
  isWhole?: boolean;
}

/** What has changed between two texts. */
export function Difference({ before, after, isWhole = false }: DifferenceProps) {
  const changes = useMemo(() => {
    const all = difference(before, after);
    return isWhole ? all : shortened(all);
  }, [before, after, isWhole]);
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
