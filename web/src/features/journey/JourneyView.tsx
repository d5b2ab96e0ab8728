import { titlePath } from "../../address/paths.ts";
import { readShared } from "../../address/shared.ts";
import { asApiError } from "../../api/problem.ts";
import { journeyQuery } from "../../api/titles.ts";
import { useResponse } from "../../api/useResponse.ts";
import { instant } from "../../lib/dates.ts";
import { capital } from "../../lib/format.ts";
import { Failure } from "../../ui/States.tsx";
import { useView } from "../useView.ts";
import { JourneyFacts } from "./JourneyFacts.tsx";
import styles from "./JourneyView.module.css";
import { becameOf, messageOf } from "./steps.ts";

interface JourneyViewProps {
  epoch: number;
  seq: number;
  /** The title whose row is looked for. */
  malId: number | null;
}

/** The journey of one stored page, on a page of its own. */
export function JourneyView({ epoch, seq, malId }: JourneyViewProps) {
  const { search } = useView(readShared);
  const query = useResponse(journeyQuery(epoch, seq, malId ?? undefined));
  const journey = query.data?.data;
  if (query.isError && !journey) return <Missing seq={seq} query={query} />;
  return (
    <div className={styles.view} aria-busy={query.isPending || undefined}>
      <h1>The journey of RAW message {seq}</h1>
      {journey ? (
        <>
          <p className={styles.lede}>
            {capital(messageOf(journey))} of {journey.dataset}, captured on {instant(journey.captured_at)}:{" "}
            {becameOf(journey)}.
          </p>
          {malId !== null && (
            <p>
              {journey.row ? "It has a row of " : "It has no accepted row of "}
              <a href={titlePath(malId, search)}>title {malId}</a>.
            </p>
          )}
          <div className={styles.facts}>
            <JourneyFacts journey={journey} />
          </div>
        </>
      ) : (
        <div className={styles.waiting} />
      )}
    </div>
  );
}

interface MissingProps {
  seq: number;
  query: { error: unknown; refetch: () => unknown };
}

/** A position of which nothing is known, or an answer that did not come. */
function Missing({ seq, query }: MissingProps) {
  const isUnknown = asApiError(query.error).status === 404;
  return (
    <div className={styles.view}>
      <h1>{isUnknown ? "No stored page has this position" : `The journey of RAW message ${seq}`}</h1>
      {isUnknown ? (
        <>
          <p>{capital(asApiError(query.error).message)}.</p>
          <p>
            RAW may hold it all the same: <code>{`bin/nats stream get RAW ${seq}`}</code> tells. What was
            rejected whole lies in the dead letters.
          </p>
        </>
      ) : (
        <Failure what="The journey" error={query.error} onRetry={() => void query.refetch()} />
      )}
    </div>
  );
}
