import { deadLettersPath } from "../../address/deadLetters.ts";
import { readShared } from "../../address/shared.ts";
import { daysQuery, runsQuery } from "../../api/queries.ts";
import { useResponse } from "../../api/useResponse.ts";
import { DayStrip } from "../../charts/strip/DayStrip.tsx";
import { captureStatus, isAhead, stripName, stripSummary } from "../../findings/captureStatus.ts";
import { day, instant } from "../../lib/dates.ts";
import { useNow } from "../useNow.ts";
import { useView } from "../useView.ts";
import styles from "./CaptureStatus.module.css";

interface CaptureStatusProps {
  /** Whether what it says is old, too. */
  stale: boolean;
}

/** What was captured last, and the last sixty days. */
export function CaptureStatus({ stale }: CaptureStatusProps) {
  const { search, selection, change } = useView(readShared);
  const now = useNow();
  const past = search.as_of !== undefined;
  const runs = useResponse(runsQuery(selection));
  const days = useResponse(daysQuery(selection));
  const line =
    runs.data && captureStatus(runs.data.data, { more: Boolean(runs.data.meta.next_cursor), past, now });
  return (
    <div className={styles.status}>
      <div className={styles.row}>
        <p className={styles.line}>
          {line && (
            <>
              <span className={styles.dot} data-state={stale ? "stale" : line.state} aria-hidden="true" />
              <span>
                {line.when && line.instant && (
                  <>
                    Last observed <time dateTime={line.instant}>{line.when}</time>:{" "}
                  </>
                )}
                {line.what}
                {line.rejected && (
                  <>
                    ; <a href={deadLettersPath()}>{line.rejected}</a>
                  </>
                )}
                {line.more}
              </span>
            </>
          )}
          {!line && runs.isError && <span>The captures could not be read.</span>}
        </p>
        {search.as_of && <AsOf day={search.as_of} now={now} onNewest={() => change({ as_of: undefined })} />}
        <div className={styles.strip}>
          {days.data && (
            <>
              <span>{stripName(days.data.data, past)}</span>
              <DayStrip days={days.data.data} summary={stripSummary(days.data.data)} />
            </>
          )}
        </div>
      </div>
    </div>
  );
}

interface AsOfProps {
  /** A day or an instant. */
  day: string;
  now: Date;
  onNewest: () => void;
}

/** Which day is shown, known before anything has come. */
function AsOf({ day: shown, now, onNewest }: AsOfProps) {
  const words = isAhead(shown, now) ? "That day has not come; shown" : "Shown";
  return (
    <p className={styles.asOf}>
      {`${words} as of ${shown.includes("T") ? instant(shown) : day(shown)}. `}
      <button type="button" className={styles.link} onClick={onNewest}>
        Show the newest
      </button>
    </p>
  );
}
