import type { Journey } from "../../api/types.gen.ts";
import { Command } from "../../ui/Command.tsx";
import { Edited } from "./Edited.tsx";
import styles from "./Journey.module.css";
import { messageOf, rowOf, stepsOf } from "./steps.ts";

/** Where a stored page comes from, when each step took it on, and how to fetch its bytes. */
export function JourneyFacts({ journey }: { journey: Journey }) {
  const { replay_root: root, edit, edited_at: editedAt } = journey;
  return (
    <>
      <dl className={styles.facts}>
        <Fact name="Source">{`${journey.source}, ${messageOf(journey)}`}</Fact>
        {journey.row && <Fact name="Row">{rowOf(journey.row)}</Fact>}
        <Fact name="Run">
          {journey.dataset}, {journey.run_state} <code>{journey.run}</code>
        </Fact>
        <Fact name="Stream and sequence">
          RAW {journey.seq} <span className={styles.soft}>of epoch {journey.epoch}</span>
        </Fact>
        {root && <Fact name="Replayed">{root}</Fact>}
        {root && edit !== null && editedAt !== null && (
          <Fact name="Edited">
            <Edited root={root} edit={edit} at={editedAt} />
          </Fact>
        )}
        {journey.trace_id && (
          <Fact name="Trace">
            <Trace id={journey.trace_id} url={journey.trace_url} />
          </Fact>
        )}
        {journey.url && (
          <Fact name="Requested">
            <code>{journey.url}</code>
          </Fact>
        )}
        <Fact name="Checked by">
          {short(journey.judge)}, contract {journey.contract}
        </Fact>
      </dl>
      <Steps journey={journey} />
      <Command>{`bin/nats stream get RAW ${journey.seq}`}</Command>
      {journey.archive && (
        <p className={styles.archive}>
          Archived in <code>{journey.archive}</code>, should RAW no longer have it.
        </p>
      )}
    </>
  );
}

/** As much of a digest as tells programs apart. */
function short(digest: string): string {
  return digest.length > 20 ? `${digest.slice(0, 12)}…` : digest;
}

function Fact({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        <bdi>{children}</bdi>
      </dd>
    </div>
  );
}

/** A link where a backend keeps traces; its address comes from the server's settings. */
function Trace({ id, url }: { id: string; url: string | null }) {
  const isWeb = url !== null && /^https?:\/\//.test(url);
  return isWeb ? (
    <a href={url} rel="noreferrer external" target="_blank">
      Open the trace <code>{id}</code>
    </a>
  ) : (
    <code>{id}</code>
  );
}

function Steps({ journey }: { journey: Journey }) {
  return (
    <ol className={styles.steps}>
      {stepsOf(journey).map(({ name, at, after, note }) => (
        <li key={name}>
          <b>{name}</b> <time dateTime={at.iso}>{at.text}</time>
          {after && <span className={styles.soft}>{after} later</span>}
          {note && <span className={styles.soft}>{note}</span>}
        </li>
      ))}
    </ol>
  );
}
