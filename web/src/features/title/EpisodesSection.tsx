import { useMemo } from "react";
import { changeSincePremiere, episodeRows, episodesFinding } from "../../findings/episodes.ts";
import { csvAddress } from "../../lib/csv.ts";
import { Figure } from "../../ui/Figure.tsx";
import { sourceWords } from "../captures.ts";
import { isStale } from "../freshness.ts";
import styles from "./EpisodesTable.module.css";
import { EpisodesTable } from "./EpisodesTable.tsx";
import { useTitleDays } from "./useTitleDays.ts";

const SUB =
  "Change of the score from the day before an episode to six days after it, and members gained in those seven days. Episode days are estimated from the weekly slot.";

/** What each episode did; nothing where fewer than two lie in observed days. */
export function EpisodesSection({ malId }: { malId: number }) {
  const { query, episodes } = useTitleDays(malId);
  const days = query.data?.data.days;
  const rows = useMemo(() => (days ? episodeRows(days, episodes) : []), [days, episodes]);
  if (!days || rows.length === 0) return null;
  const csv = csvAddress([
    ["episode", "day", "score_change", "members_gained"],
    ...rows.map(({ number, day, score, members }) => [number, day, score, members]),
  ]);
  return (
    <div className={styles.section}>
      <Figure
        id="episodes"
        heading={episodesFinding(rows, changeSincePremiere(days, episodes))}
        sub={SUB}
        choices={null}
        stale={isStale(query)}
        source={query.data ? sourceWords(query.data.meta) : ""}
        csv={csv}
        csvName={`kansoku-title-${malId}-episodes.csv`}
      >
        <EpisodesTable rows={rows} />
      </Figure>
    </div>
  );
}
