import { readShared } from "../../address/shared.ts";
import { daysQuery, runsQuery } from "../../api/queries.ts";
import { useResponse } from "../../api/useResponse.ts";
import { DayStrip } from "../../charts/strip/DayStrip.tsx";
import { captureStatus, isAhead, stripName, stripSummary } from "../../findings/captureStatus.ts";
import { captured, day, utcMark } from "../../lib/dates.ts";
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
                {search.as_of && (
                  <>
                    {" "}
                    {isAhead(search.as_of, now) ? "That day has not come; shown" : "Shown"} as of{" "}
                    {search.as_of.includes("T")
                      ? captured(search.as_of)
                      : day(search.as_of) + utcMark(search.as_of)}
                    .{" "}
                    <button
                      type="button"
                      className={styles.link}
                      onClick={() => change({ as_of: undefined })}
                    >
                      Show the newest
                    </button>
                  </>
                )}
              </span>
            </>
          )}
          {!line && runs.isError && <span>The captures could not be read.</span>}
        </p>
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
