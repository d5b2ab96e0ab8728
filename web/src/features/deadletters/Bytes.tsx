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
  const words = (fault: Fault) => {
    const rule = fault === detail.faults[0] ? schema.rule_then : null;
    // Only the first fault was kept with its message: the others have one where they are faults still.
    return ruleWords({ ...fault, message: fault.message ?? stillOf(fault, detail)?.message ?? null }, rule);
  };
  const isOver = (fault: Fault) =>
    item.reason === "schema" && !item.edited && stillOf(fault, detail) === undefined;
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
            isOver={isOver}
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
        <p
          key={`${fault.path} ${fault.keyword}`}
          className={styles.other}
          data-over={isOver(fault) ? "" : undefined}
        >
          <code>
            <Visible>{fault.path || "The whole body"}</Visible>
          </code>{" "}
          {words(fault)}
          {isOver(fault) && OVER}
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

const OVER = "; passes now";

/** What the present schemas find at the place of a fault. */
function stillOf({ path, keyword }: Fault, { now }: ItemDetail): Fault | undefined {
  const there = now.faults.filter((fault) => fault.path === path);
  return there.find((fault) => fault.keyword === keyword) ?? there[0];
}

interface LinesProps {
  lines: readonly TextLine[];
  faults: readonly Fault[];
  words: (fault: Fault) => string;
  /** Whether the present schemas would let its place pass. */
  isOver: (fault: Fault) => boolean;
}

function Lines({ lines, ...faults }: LinesProps) {
  const [isOpen, setOpen] = useState(false);
  const shown = isOpen ? lines.map((line) => ({ line })) : folded(lines);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls sideways must be reachable by keyboard.
    <section className={styles.box} tabIndex={0} aria-label="Bytes">
      <pre>
        {shown.map((one) =>
          "line" in one ? (
            <Line key={one.line.number} line={one.line} {...faults} />
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

function Line({ line, faults, words, isOver }: { line: TextLine } & Omit<LinesProps, "lines">) {
  const { number, indent, parts, begins } = line;
  let at = 0;
  return (
    <>
      <span className={styles.line} data-n={number} data-hit={begins.length > 0 ? "" : undefined}>
        {"  ".repeat(indent)}
        {parts.map((part) => {
          at += part.text.length;
          const over = part.marks.length > 0 && part.marks.every((mark) => isAt(faults[mark], isOver));
          return <Piece key={at} part={part} isOver={over} />;
        })}
        {"\n"}
      </span>
      {begins.map((index) => {
        const fault = faults[index];
        return (
          fault && (
            <span
              key={index}
              className={styles.message}
              data-over={isOver(fault) ? "" : undefined}
              role="note"
            >
              {words(fault)}
              {isOver(fault) && OVER}{" "}
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

const isAt = (fault: Fault | undefined, isOver: LinesProps["isOver"]) => fault !== undefined && isOver(fault);

function Piece({ part: { text, isKey, marks }, isOver }: { part: Part; isOver: boolean }) {
  if (marks.length > 0)
    return (
      <mark data-over={isOver ? "" : undefined}>
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
