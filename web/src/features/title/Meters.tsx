import type { ReactNode } from "react";
import type { Numbers, Title } from "../../api/types.gen.ts";
import { day, shortDay } from "../../lib/dates.ts";
import { integer, score } from "../../lib/format.ts";
import { type Measure, WORDS } from "../../lib/measures.ts";
import { Delta } from "../../ui/Delta.tsx";
import styles from "./Meters.module.css";

const SHOWN = ["score", "members", "rank", "popularity", "favorites"] as const;

/** The five numbers of the last day known, and what they have changed in a week. Up means better. */
export function Meters({ title, newest }: { title: Title; newest: string | null }) {
  const { latest, week_before: before } = title;
  return (
    <>
      <dl className={styles.meters}>
        {SHOWN.map((measure) => (
          <div key={measure}>
            <dt>{WORDS[measure].name}</dt>
            <dd className={styles.number}>{latest ? WORDS[measure].write(latest[measure]) : "–"}</dd>
            <dd className={styles.change}>{latest && changeOf(measure, latest, before, newest)}</dd>
          </div>
        ))}
      </dl>
      {latest && newest && latest.day < newest && (
        <p className={styles.note}>Last observed on {day(latest.day)}.</p>
      )}
    </>
  );
}

function changeOf(
  measure: Measure | "members",
  latest: Numbers,
  before: Numbers | null,
  newest: string | null,
): ReactNode {
  if (latest[measure] === null) return <span className={styles.since}>none was observed</span>;
  if (!before) return <span className={styles.since}>nothing from a week before</span>;
  const earlier = before[measure];
  if (earlier === null)
    return <span className={styles.since}>none on {shortDay(before.day, newest ?? undefined)}</span>;
  const change = latest[measure] - earlier;
  const write = measure === "score" ? score : integer;
  if (change === 0)
    return <span className={styles.since}>unchanged since {shortDay(before.day, newest ?? undefined)}</span>;
  const better = WORDS[measure].isPlace ? -change : change;
  return (
    <>
      <Delta value={measure === "score" ? Math.round(better * 100) / 100 : better} write={write} />{" "}
      <span className={styles.since}>since {shortDay(before.day, newest ?? undefined)}</span>
    </>
  );
}
