import { useMemo } from "react";
import type { Change, EpisodeRow } from "../../findings/episodes.ts";
import { integer, score, signed } from "../../lib/format.ts";
import type { Column } from "../../ui/columns.ts";
import { DataTable } from "../../ui/DataTable.tsx";
import { Delta } from "../../ui/Delta.tsx";
import { useSort } from "../useSort.ts";
import styles from "./EpisodesTable.module.css";
import { type Extent, extentsOf, shortWeekday } from "./episodeBars.ts";

/** Episodes, newest first, with bars from zero to both sides. */
export function EpisodesTable({ rows }: { rows: readonly EpisodeRow[] }) {
  const columns = useMemo(() => columnsOf(rows), [rows]);
  return (
    <DataTable
      rows={rows}
      columns={columns}
      rowKey={({ number }) => number}
      sorting={useSort("episodes", { column: "episode", direction: "descending" })}
      caption="What each episode did"
      unit="episode"
    />
  );
}

function columnsOf(rows: readonly EpisodeRow[]): Column<EpisodeRow>[] {
  const extents = extentsOf(rows);
  return [
    {
      id: "episode",
      head: "Episode",
      kind: "day",
      value: ({ number }) => number,
      cell: ({ number }) => number,
    },
    { id: "aired", head: "Aired, estimated", leaves: "phone", cell: ({ day }) => shortWeekday(day) },
    {
      id: "score",
      head: "Score",
      value: ({ score: change }) => known(change),
      cell: ({ score: change }) =>
        typeof change === "number" ? (
          <Measured value={change} extent={extents.score} kind={change < 0 ? "down" : "up"}>
            <Delta value={change} write={score} />
          </Measured>
        ) : (
          <span className={styles.none}>{change}</span>
        ),
    },
    {
      id: "members",
      head: "Members",
      value: ({ members }) => known(members),
      cell: ({ members }) =>
        typeof members === "number" ? (
          <Measured value={members} extent={extents.members} kind="members">
            {signed(members, integer)}
          </Measured>
        ) : (
          <span className={styles.none}>{members}</span>
        ),
    },
  ];
}

function known(change: Change): number | null {
  return typeof change === "number" ? change : null;
}

interface MeasuredProps {
  value: number;
  extent: Extent;
  kind: "up" | "down" | "members";
  children: React.ReactNode;
}

/** A number, and a bar from the column's zero that says the same. */
function Measured({ value, extent: [low, high], kind, children }: MeasuredProps) {
  const share = (of: number) => `${((100 * of) / (high - low || 1)).toFixed(2)}%`;
  const zero = share(-low);
  return (
    <span className={styles.measured}>
      <span>{children}</span>
      <svg className={styles.bar} aria-hidden="true">
        <rect
          className={styles[kind]}
          x={value < 0 ? share(value - low) : zero}
          y="2"
          width={share(Math.abs(value))}
          height="10"
        />
        <line className={styles.zero} x1={zero} x2={zero} y1="0" y2="14" />
      </svg>
    </span>
  );
}
