import { readOverview } from "../address/overview.ts";
import { genresQuery, runsQuery, seasonsQuery, topAnimeQuery } from "../api/queries.ts";
import { useResponse } from "../api/useResponse.ts";
import { EmptyState } from "../features/EmptyState.tsx";
import { type EmptyReason, emptyPageReason } from "../features/emptyReason.ts";
import { GenresSection } from "../features/genres/GenresSection.tsx";
import { LeadSection } from "../features/lead/LeadSection.tsx";
import { RankingSection } from "../features/ranking/RankingSection.tsx";
import { SeasonsSection } from "../features/seasons/SeasonsSection.tsx";
import { useSince } from "../features/useSince.ts";
import { useStaleness } from "../features/useStaleness.ts";
import { useView } from "../features/useView.ts";
import styles from "./Overview.module.css";

/** The overview: today's finding, and the charts. */
export function Overview() {
  const { search, selection } = useView(readOverview);
  const runs = useResponse(runsQuery(selection));
  const blank = runs.data ? emptyPageReason(runs.data, search) : null;
  useOverviewStaleness();
  if (blank) return <Blank why={blank} />;
  return (
    <>
      <LeadSection />
      <div className={styles.pair}>
        <section className={styles.ruled}>
          <RankingSection />
        </section>
        <section className={styles.ruled}>
          <GenresSection />
        </section>
      </div>
      <section className={styles.ruled}>
        <SeasonsSection />
      </section>
    </>
  );
}

/** In place of all charts, where each would say the same. */
function Blank({ why }: { why: EmptyReason }) {
  return (
    <div className={styles.blank}>
      <h1 className="vh">Overview</h1>
      <EmptyState why={why} />
    </div>
  );
}

/** The sections send these requests. */
const WATCH = false;

function useOverviewStaleness(): void {
  const { search, selection } = useView(readOverview);
  const since = useSince();
  const lead = useResponse(topAnimeQuery(selection, "capture"), WATCH);
  useStaleness([
    ...(since === "capture" ? [] : [["the leading title", lead] as const]),
    ["the ranking", useResponse(topAnimeQuery(selection, since), WATCH)],
    ["the genres", useResponse(genresQuery(selection, search.kind ?? "genre"), WATCH)],
    ["the seasons", useResponse(seasonsQuery(selection), WATCH)],
  ]);
}
