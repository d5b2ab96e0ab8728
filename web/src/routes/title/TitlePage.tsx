import { readTitle } from "../../address/title.ts";
import { asApiError } from "../../api/problem.ts";
import { titleDaysQuery, titleQuery, titleWeeksQuery } from "../../api/titles.ts";
import { useResponse } from "../../api/useResponse.ts";
import { EpisodesSection } from "../../features/title/EpisodesSection.tsx";
import { Facts } from "../../features/title/Facts.tsx";
import { LineSection } from "../../features/title/LineSection.tsx";
import { Meters } from "../../features/title/Meters.tsx";
import { SimilarSection } from "../../features/title/SimilarSection.tsx";
import { TitleHead } from "../../features/title/TitleHead.tsx";
import { WeeksSection } from "../../features/title/WeeksSection.tsx";
import { useDocumentTitle } from "../../features/useDocumentTitle.ts";
import { refusedChoice } from "../../features/useFallback.ts";
import { useStaleness } from "../../features/useStaleness.ts";
import { useView } from "../../features/useView.ts";
import { dayOf } from "../../lib/dates.ts";
import { nameOf } from "../../lib/titles.ts";
import { Failure } from "../../ui/States.tsx";
import styles from "./TitlePage.module.css";
import { UnknownTitle } from "./UnknownTitle.tsx";

/** The sections send these requests. */
const WATCH = false;

/** One title's line through time. */
export function TitlePage({ malId }: { malId: number }) {
  const { search, selection } = useView(readTitle);
  const query = useResponse(titleQuery(selection, malId));
  const weeks = useResponse(titleWeeksQuery(selection, malId), WATCH);
  const script = search.names ?? "english";
  const title = query.data?.data;
  useDocumentTitle(title ? nameOf(title, script).text : `Title ${malId}`);
  useStaleness([
    ["the title", query],
    ["its days", useResponse(titleDaysQuery(selection, malId, search.range ?? "90"), WATCH)],
    ["its weeks", weeks],
  ]);
  if (!query.data && query.isError && !refusedChoice(query.error, search)) {
    if (asApiError(query.error).status === 404) return <UnknownTitle malId={malId} error={query.error} />;
    return (
      <div className={styles.failure}>
        <h1>Title {malId}</h1>
        <Failure what="The title" error={query.error} onRetry={() => void query.refetch()} />
      </div>
    );
  }
  const { meta } = query.data ?? {};
  return (
    <>
      {title && meta ? (
        <>
          <TitleHead title={title} script={script} catalogue={meta.catalogue} />
          <Meters title={title} newest={meta.captured_at && dayOf(meta.captured_at)} />
        </>
      ) : (
        <Waiting malId={malId} />
      )}
      <div className={styles.columns}>
        <div className={styles.main}>
          <LineSection malId={malId} />
          <EpisodesSection malId={malId} />
        </div>
        <div className={styles.side}>
          {title ? (
            <Facts
              title={title}
              standing={weeks.data?.data.score_list ?? null}
              past={search.as_of !== undefined}
            />
          ) : (
            <div className={styles.factsToCome} aria-busy="true" />
          )}
          <WeeksSection malId={malId} />
          <SimilarSection malId={malId} />
        </div>
      </div>
    </>
  );
}

/** The room of the name and the numbers. */
function Waiting({ malId }: { malId: number }) {
  return (
    <div aria-busy="true">
      <h1 className="vh">Title {malId}</h1>
      <div className={styles.headToCome} />
      <div className={styles.metersToCome} />
    </div>
  );
}
