import { lazy, Suspense, useMemo, useRef } from "react";
import { readTitle } from "../../address/title.ts";
import { changeSincePremiere, episodeRows, episodesFinding } from "../../findings/episodes.ts";
import { csvAddress } from "../../lib/csv.ts";
import { Figure } from "../../ui/Figure.tsx";
import { sourceWords } from "../captures.ts";
import { fileSource, isStale } from "../freshness.ts";
import { useView } from "../useView.ts";
import { captionOf } from "./captionOf.ts";
import styles from "./EpisodesTable.module.css";
import { EpisodesTable } from "./EpisodesTable.tsx";
import { useTitleDays } from "./useTitleDays.ts";

/** Only files show it. */
const EpisodesExport = lazy(async () => ({
  default: (await import("./EpisodesExport.tsx")).EpisodesExport,
}));

const SUB =
  "Change of the score from the day before an episode to six days after it, and members gained in those seven days. Episode days are estimated from the weekly slot.";

/** What each episode did; nothing where fewer than two lie in observed days. */
export function EpisodesSection({ malId }: { malId: number }) {
  const { search } = useView(readTitle);
  const { query, episodes, title } = useTitleDays(malId);
  const drawing = useRef<SVGSVGElement>(null);
  const days = query.data?.data.days;
  const rows = useMemo(() => (days ? episodeRows(days, episodes) : []), [days, episodes]);
  if (!days || rows.length === 0) return null;
  const csv = csvAddress([
    ["episode", "day", "score_change", "members_gained"],
    ...rows.map(({ number, day, score, members }) => [number, day, score, members]),
  ]);
  const heading = episodesFinding(rows, changeSincePremiere(days, episodes));
  const source = query.data ? sourceWords(query.data.meta) : "";
  return (
    <div className={styles.section}>
      <Figure
        id="episodes"
        heading={heading}
        sub={SUB}
        choices={null}
        stale={isStale(query)}
        source={source}
        csv={csv}
        csvName={`kansoku-title-${malId}-episodes.csv`}
        picture={() =>
          drawing.current && {
            drawing: drawing.current,
            caption: {
              heading: captionOf(title, search.names, heading),
              sub: SUB,
              source: fileSource(source, query),
            },
          }
        }
      >
        <div className={styles.drawn}>
          <EpisodesTable rows={rows} />
        </div>
        <Suspense>
          <EpisodesExport rows={rows} svg={drawing} />
        </Suspense>
      </Figure>
    </div>
  );
}
