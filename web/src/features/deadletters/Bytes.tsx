import { useMemo, useState } from "react";
import type { Fault, ItemDetail } from "../../api/operator.ts";
import { ruleWords } from "../../findings/rules.ts";
import { bytes, fromBytes } from "../../lib/bytes.ts";
import { plural } from "../../lib/format.ts";
import { folded, laidOutLines, type Part, plainLines, type TextLine } from "../../lib/textLines.ts";
import { Segmented } from "../../ui/Segmented.tsx";
import { Visible } from "../../ui/Visible.tsx";
import styles from "./Bytes.module.css";

/** A longer body is only shown in part: the file has all of it. */
const MAX_SHOWN = 200_000;

interface BytesProps {
  detail: ItemDetail;
  faults: readonly Fault[];
}

/** The body as text, the failing places marked in it, and under each the rule in words. */
export function Bytes({ detail, faults }: BytesProps) {
  const { text, size, schema, item } = detail;
  const [asSent, setAsSent] = useState(false);
  const placed = useMemo(() => faults.filter(({ start, end }) => start !== null && end !== null), [faults]);
  const view = useMemo(() => {
    if (text === null) return null;
    const shown = text.slice(0, MAX_SHOWN);
    const offsets = fromBytes(
      shown,
      placed.flatMap(({ start, end }) => [start ?? 0, end ?? 0]),
    );
    const marks = placed.map((_, index) => ({
      start: offsets[2 * index] ?? 0,
      end: offsets[2 * index + 1] ?? 0,
    }));
    return { plain: plainLines(shown, marks), laidOut: laidOutLines(shown, marks) };
  }, [text, placed]);
  const others = faults.filter((fault) => !placed.includes(fault));
  const words = (fault: Fault) => ruleWords(fault, fault === detail.faults[0] ? schema.rule_then : null);
  return (
    <section aria-label="The body">
      {view ? (
        <>
          <div className={styles.head}>
            <span>
              {item.edited ? "As edited" : item.row === null ? "The page’s own bytes" : "The row’s own bytes"}
              , {bytes(size)}
            </span>
            {view.laidOut && (
              <Segmented
                label="Lines"
                value={asSent ? "sent" : "laid"}
                options={[
                  ["laid", "Laid out"],
                  ["sent", "As sent"],
                ]}
                onChange={(value) => setAsSent(value === "sent")}
              />
            )}
          </div>
          <Lines
            key={String(asSent)}
            lines={(!asSent && view.laidOut) || view.plain}
            faults={placed}
            words={words}
          />
          {text !== null && text.length > MAX_SHOWN && (
            <p className={styles.note}>Only the first {bytes(MAX_SHOWN)} are shown.</p>
          )}
        </>
      ) : (
        <p className={styles.note}>
          The body is not UTF-8, {bytes(size)}: download the bytes to look at them.
        </p>
      )}
      {others.map((fault) => (
        <p key={`${fault.path} ${fault.keyword}`} className={styles.other}>
          <code>
            <Visible>{fault.path || "The whole body"}</Visible>
          </code>{" "}
          {words(fault)}
        </p>
      ))}
      {faults.length === 0 && !detail.now.passes && (
        <p className={styles.other}>
          <Visible>{item.message}</Visible>
        </p>
      )}
    </section>
  );
}

interface LinesProps {
  lines: readonly TextLine[];
  faults: readonly Fault[];
  words: (fault: Fault) => string;
}

function Lines({ lines, faults, words }: LinesProps) {
  const [isOpen, setOpen] = useState(false);
  const shown = isOpen ? lines.map((line) => ({ line })) : folded(lines);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls sideways must be reachable by keyboard.
    <section className={styles.box} tabIndex={0} aria-label="Bytes">
      <pre>
        {shown.map((one) =>
          "line" in one ? (
            <Line key={one.line.number} line={one.line} faults={faults} words={words} />
          ) : (
            <span key={`fold ${one.folded[0]?.number}`} className={styles.fold}>
              <button type="button" onClick={() => setOpen(true)}>
                {plural(one.folded.length, "more line")}, nothing wrong
              </button>
            </span>
          ),
        )}
      </pre>
    </section>
  );
}

function Line({ line, faults, words }: { line: TextLine } & Omit<LinesProps, "lines">) {
  const { number, indent, parts, begins } = line;
  let at = 0;
  return (
    <>
      <span className={styles.line} data-n={number} data-hit={begins.length > 0 ? "" : undefined}>
        {"  ".repeat(indent)}
        {parts.map((part) => {
          at += part.text.length;
          return <Piece key={at} part={part} />;
        })}
        {"\n"}
      </span>
      {begins.map((index) => {
        const fault = faults[index];
        return (
          fault && (
            <span key={index} className={styles.message} role="note">
              {words(fault)}{" "}
              <span className={styles.at}>
                line {fault.line}, column {fault.column}
              </span>
            </span>
          )
        );
      })}
    </>
  );
}

function Piece({ part: { text, isKey, marks } }: { part: Part }) {
  if (marks.length > 0)
    return (
      <mark>
        <Visible>{text}</Visible>
      </mark>
    );
  return isKey ? (
    <span className={styles.key}>
      <Visible>{text}</Visible>
    </span>
  ) : (
    <Visible>{text}</Visible>
  );
}
