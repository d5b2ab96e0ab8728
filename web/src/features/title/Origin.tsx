import { lazy, Suspense } from "react";
import { journeyPath } from "../../address/paths.ts";
import { readTitle } from "../../address/title.ts";
import { journeyQuery } from "../../api/titles.ts";
import type { TitleDay } from "../../api/types.gen.ts";
import { useResponse } from "../../api/useResponse.ts";
import { isAhead } from "../../findings/captureStatus.ts";
import { day as writeDay } from "../../lib/dates.ts";
import { Failure } from "../../ui/States.tsx";
import { useNow } from "../useNow.ts";
import { useView } from "../useView.ts";
import styles from "./Origin.module.css";

// Only those who ask for it load it, and the face of its commands.
const JourneyFacts = lazy(async () => ({
  default: (await import("../journey/JourneyFacts.tsx")).JourneyFacts,
}));

interface OriginProps {
  malId: number;
  days: readonly TitleDay[];
}

/** Where the numbers of the chosen day come from; nothing while none is chosen. */
export function Origin({ malId, days }: OriginProps) {
  const { search, change } = useView(readTitle);
  const { at } = search;
  const now = useNow();
  if (at === undefined) return null;
  const day = days.find((one) => one.day === at);
  const close = () => change({ at: undefined });
  if (!day || day.epoch === null || day.seq === null) {
    return (
      <Panel heading={headingOf(at)} onClose={close}>
        <p className={styles.words}>
          {whyNone(at, day, days, now)}{" "}
          {!day && search.range !== "all" && isBefore(at, days) && (
            <button type="button" onClick={() => change({ range: "all" })}>
              Show all days
            </button>
          )}
        </p>
      </Panel>
    );
  }
  return (
    <Panel
      heading={headingOf(at)}
      onClose={close}
      link={journeyPath(day.epoch, day.seq, search, malId)}
      points
    >
      <Known epoch={day.epoch} seq={day.seq} malId={malId} />
    </Panel>
  );
}

const headingOf = (at: string) => `Where the numbers of ${writeDay(at)} come from`;

interface PanelProps {
  heading: string;
  onClose: () => void;
  link?: string;
  /** Whether it belongs to a day that the drawing has. */
  points?: boolean;
  children: React.ReactNode;
}

function Panel({ heading, onClose, link, points = false, children }: PanelProps) {
  return (
    <section className={styles.origin} data-points={points ? "" : undefined} aria-label={heading}>
      <div className={styles.top}>
        <h3>{heading}</h3>
        <div className={styles.links}>
          {link && <a href={link}>Its whole journey</a>}
          <button type="button" onClick={onClose}>
            Close
          </button>
        </div>
      </div>
      {children}
    </section>
  );
}

function Known({ epoch, seq, malId }: { epoch: number; seq: number; malId: number }) {
  const query = useResponse(journeyQuery(epoch, seq, malId));
  if (query.data) {
    return (
      <Suspense fallback={<div className={styles.waiting} aria-busy="true" />}>
        <JourneyFacts journey={query.data.data} />
      </Suspense>
    );
  }
  if (query.isPending) return <div className={styles.waiting} aria-busy="true" />;
  return (
    <div className={styles.failure}>
      <Failure what="The origin" error={query.error} onRetry={() => void query.refetch()} />
    </div>
  );
}

function isBefore(at: string, days: readonly TitleDay[]): boolean {
  return at < (days[0]?.day ?? "");
}

function whyNone(at: string, day: TitleDay | undefined, days: readonly TitleDay[], now: Date): string {
  if (day && !day.observed) return "Nobody looked on that day, so nothing was stored.";
  if (day) return "The server does not say which message they came in.";
  const [first, last] = [days[0]?.day, days.at(-1)?.day];
  if (isAhead(at, now))
    return `That day has not come${last === undefined ? "" : `; the last one captured is ${writeDay(last)}`}.`;
  if (last !== undefined && at > last) return `That day lies after the last one captured, ${writeDay(last)}.`;
  return `That day lies before the first one shown${first === undefined ? "" : `, ${writeDay(first)}`}.`;
}
