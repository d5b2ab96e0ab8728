import type { CSSProperties } from "react";
import type { Groups } from "../../api/operator.ts";
import { FACETS } from "../../findings/deadLetters.ts";
import { valueIn, withValue } from "../../lib/filter.ts";
import { integer } from "../../lib/format.ts";
import { Visible } from "../../ui/Visible.tsx";
import styles from "./Facets.module.css";

interface FacetsProps {
  facets: Groups["facets"];
  filter: string;
  onFilter: (filter: string) => void;
}

const MAX_VALUES = 8;

/** Ways to narrow the list, each with how many items it leaves. */
export function Facets({ facets, filter, onFilter }: FacetsProps) {
  // One scale for all: a bar of one facet is to be held against those of another.
  const most = Math.max(1, ...FACETS.flatMap(([key]) => facets[key] ?? []).map(({ items }) => items));
  return (
    <div className={styles.facets}>
      {FACETS.map(([key, name]) => {
        const values = facets[key] ?? [];
        const chosen = valueIn(filter, key);
        return (
          <section key={key} className={styles.facet} aria-label={name}>
            <h2>{name}</h2>
            {values.slice(0, MAX_VALUES).map(({ value, items }) => (
              <button
                key={value}
                type="button"
                aria-pressed={chosen === value}
                style={{ "--w": `${Math.max(1.5, (items / most) * 100)}%` } as CSSProperties}
                onClick={() => onFilter(withValue(filter, key, chosen === value ? undefined : value))}
              >
                <span>
                  <Visible>{value || "the whole body"}</Visible>
                </span>
                <span className={styles.count}>{integer(items)}</span>
              </button>
            ))}
            {values.length > MAX_VALUES && (
              <p className={styles.more}>{values.length - MAX_VALUES} more: name one in the filter</p>
            )}
          </section>
        );
      })}
    </div>
  );
}
