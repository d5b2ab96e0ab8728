import { deadLettersPath, ledgerPath, readLedger } from "../../address/deadLetters.ts";
import { type LedgerRun, ledgerQuery, type Place } from "../../api/operator.ts";
import { useOperator } from "../../api/useOperator.ts";
import { instant } from "../../lib/dates.ts";
import { capital, integer, plural } from "../../lib/format.ts";
import { type Column, numberColumn } from "../../ui/columns.ts";
import { DataTable } from "../../ui/DataTable.tsx";
import { Failure } from "../../ui/States.tsx";
import { Visible } from "../../ui/Visible.tsx";
import { useView } from "../useView.ts";
import { Frame } from "./Frame.tsx";
import lists from "./Lists.module.css";

const MOST_PLACES = 20;

const COLUMNS: readonly Column<LedgerRun>[] = [
  {
    id: "run",
    head: "Run",
    kind: "name",
    cell: ({ run, dataset, captured_at: at }) => (
      <a href={ledgerPath(run)}>
        <Visible>{dataset}</Visible>, {instant(at)}
      </a>
    ),
  },
  numberColumn<LedgerRun>("received", "Received", ({ received }) => received, integer),
  numberColumn<LedgerRun>("stored", "Stored", ({ stored }) => stored, integer),
  numberColumn<LedgerRun>("duplicate", "Duplicate", ({ duplicate }) => duplicate, integer, "phone"),
  numberColumn<LedgerRun>("open", "Dead", ({ dead_open: open }) => open, integer),
  numberColumn<LedgerRun>(
    "quarantined",
    "Quarantined",
    ({ dead_quarantined: some }) => some,
    integer,
    "phone",
  ),
  numberColumn<LedgerRun>("discarded", "Discarded", ({ dead_discarded: some }) => some, integer, "phone"),
  numberColumn<LedgerRun>(
    "flight",
    "Pages in flight",
    ({ in_flight_pages: pages }) => pages,
    integer,
    "phone",
  ),
  { id: "missing", head: "Missing", cell: ({ missing }) => places(missing) },
  { id: "extra", head: "Too many", cell: ({ extra }) => places(extra) },
];

/** "page 3 row 14": people count from one. */
function places(all: readonly Place[]): string {
  if (all.length === 0) return "–";
  const named = all
    .slice(0, MOST_PLACES)
    .map(({ page, row }) => (row === null ? `page ${page}` : `page ${page} row ${row + 1}`));
  return (
    named.join("; ") + (all.length > MOST_PLACES ? ` and ${integer(all.length - MOST_PLACES)} more` : "")
  );
}

/** Whether every row that was received is somewhere, and once. */
export function LedgerView() {
  const { search } = useView(readLedger);
  const query = useOperator(ledgerQuery(search.run));
  const ledger = query.data;
  const wrong = ledger?.runs.filter(({ missing, extra }) => missing.length + extra.length > 0).length ?? 0;
  const heading = ledger
    ? ledger.balanced
      ? "Every row received is accounted for"
      : `${plural(wrong, "run")} ${wrong === 1 ? "does" : "do"} not balance`
    : null;
  return (
    <Frame
      heading={heading}
      sub="Received = stored + duplicate + dead + in flight, counted by place: run, page and row."
      current="ledger"
    >
      {query.isPending && <div className={lists.waiting} aria-busy="true" />}
      {query.isError && !ledger && (
        <Failure what="The ledger" error={query.error} onRetry={() => void query.refetch()} />
      )}
      {ledger && (
        <div className={lists.page}>
          <dl className={lists.counts}>
            {Object.entries(ledger.totals).map(([name, count]) => (
              <div key={name}>
                <dt>{capital(name.replaceAll("_", " "))}</dt> <dd>{integer(count)}</dd>
              </div>
            ))}
          </dl>
          {ledger.runs.length > 0 && (
            <div className={lists.scroll}>
              <DataTable rows={ledger.runs} columns={COLUMNS} rowKey={({ run }) => run} caption="Runs" />
            </div>
          )}
          {search.run && (
            <p>
              <a href={deadLettersPath(`run:${search.run}`)}>The dead letters of this run</a>.{" "}
              <a href={ledgerPath()}>All runs that do not balance</a>
            </p>
          )}
        </div>
      )}
    </Frame>
  );
}
