import type { ReactNode } from "react";
import { ledgerPath } from "../../address/deadLetters.ts";
import { journeyPath } from "../../address/paths.ts";
import type { ItemDetail } from "../../api/operator.ts";
import { bytes } from "../../lib/bytes.ts";
import { instant } from "../../lib/dates.ts";
import { integer } from "../../lib/format.ts";
import { Command } from "../../ui/Command.tsx";
import { Visible } from "../../ui/Visible.tsx";
import styles from "./ItemView.module.css";

/** Where a dead letter comes from, and how to look at it with the NATS client alone. */
export function Origin({ detail }: { detail: ItemDetail }) {
  const { item, letters, journey, stored, trace_url: traceUrl, headers, size } = detail;
  const newest = letters.reduce((a, b) => (b.seq > a.seq ? b : a), letters[0] as (typeof letters)[number]);
  const trace = newest?.trace_id ?? null;
  const raw = journey?.seq ?? newest?.raw_seq ?? null;
  return (
    <section aria-label="Origin">
      <dl className={styles.from}>
        <Fact name="Rejected">{instant(item.first_at)}</Fact>
        <Fact name="Stage and reason">
          {item.stage}, {item.reason}
        </Fact>
        {newest?.deliveries != null && <Fact name="Deliveries">{integer(newest.deliveries)}</Fact>}
        <Fact name="Message">
          {journey ? (
            <a href={journeyPath(journey.epoch, journey.seq)}>RAW {integer(journey.seq)}</a>
          ) : raw === null ? (
            "not stored in RAW"
          ) : (
            `RAW ${integer(raw)}`
          )}
          , {bytes(size)}
        </Fact>
        {stored && (
          <Fact name="Stored as edited">
            <a href={journeyPath(stored.epoch, stored.seq)}>RAW {integer(stored.seq)}</a>
            {!stored.stands && ", overwritten since"}
          </Fact>
        )}
        <Fact name="Run">
          <a href={ledgerPath(item.run)}>
            <Visible>{item.dataset}</Visible>, page {item.page}
          </a>
        </Fact>
        <Fact name="Source">
          <Visible>{[item.source, item.catalogue].filter(Boolean).join(", ") || "not known"}</Visible>
        </Fact>
        <Fact name="Judge">
          <code>{item.judge.slice(0, 12)}</code>
        </Fact>
        {trace && (
          <Fact name="Trace">
            {traceUrl && /^https?:\/\//.test(traceUrl) ? (
              <a href={traceUrl} rel="noreferrer external" target="_blank">
                <code>{trace.slice(0, 12)}</code>
              </a>
            ) : (
              <code>{trace.slice(0, 12)}</code>
            )}
          </Fact>
        )}
        <Fact name="Root" isWhole>
          <code>
            <Visible>{item.root}</Visible>
          </code>
        </Fact>
      </dl>
      <div className={styles.commands}>
        {newest && <Command>{`bin/nats stream get DLQ ${newest.seq}`}</Command>}
        {raw !== null && <Command>{`bin/nats stream get RAW ${raw}`}</Command>}
      </div>
      <details className={styles.raw}>
        <summary>Headers of the newest message</summary>
        <dl>
          {Object.entries(headers).map(([name, value]) => (
            <div key={name} style={{ display: "contents" }}>
              <dt>
                <Visible>{name}</Visible>
              </dt>
              <dd>
                <code>
                  <Visible>{value}</Visible>
                </code>
              </dd>
            </div>
          ))}
        </dl>
      </details>
    </section>
  );
}

interface FactProps {
  name: string;
  /** Whether it needs a row of its own. */
  isWhole?: boolean;
  children: ReactNode;
}

function Fact({ name, isWhole, children }: FactProps) {
  return (
    <div className={isWhole ? styles.whole : undefined}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
