import { memo, type ReactNode, useMemo, useState } from "react";
import { integer, plural } from "../lib/format.ts";
import { type Direction, nextSort, type Sort, sortRows } from "../lib/sort.ts";
import { Button } from "./Button.tsx";
import type { Column } from "./columns.ts";
import styles from "./DataTable.module.css";

/** More rows are drawn only for whoever asks for them. */
const FIRST = 370;

/** How the rows stand, and how to change that. */
export interface Sorting {
  /** The order that nobody chose. */
  initial: Sort;
  /** The order chosen; `null` while nobody has chosen one. A column that the table does not have counts as none. */
  sort: Sort | null;
  /** Hears the order chosen, `null` where it is the initial one. */
  onSort: (sort: Sort | null) => void;
}

interface DataTableProps<Row> {
  rows: readonly Row[];
  columns: readonly Column<Row>[];
  rowKey: (row: Row) => string | number;
  /** Left out where the rows stand in an order of their own. */
  sorting?: Sorting | undefined;
  /** What a row has in place of all its cells but the first: "not observed". */
  instead?: ((row: Row) => ReactNode | null) | undefined;
  /** What the table is of, where nothing around it says so. */
  caption?: string | undefined;
  /** What a row is: "day". */
  unit?: string | undefined;
}

/** A table that its columns define; a press on a column's head sorts it. */
export function DataTable<Row>(props: DataTableProps<Row>) {
  const { rows, columns, rowKey, sorting, instead, caption, unit = "row" } = props;
  const [all, setAll] = useState(false);
  const order = sorting && orderOf(sorting, columns);
  const value = columns.find((column) => column.id === order?.column)?.value;
  const direction = order?.direction;
  const sorted = useMemo(
    () => (value && direction ? sortRows(rows, value, direction) : rows),
    [rows, value, direction],
  );
  const pressed = (column: Column<Row>) => () => {
    if (!sorting || !order) return;
    const { initial, onSort } = sorting;
    const next = nextSort(order, column.id, beginsWith(column));
    onSort(next.column === initial.column && next.direction === initial.direction ? null : next);
  };
  return (
    <>
      <table className={styles.table}>
        {caption && <caption className="vh">{caption}</caption>}
        <thead>
          <tr>
            {columns.map((column) => (
              <Head
                key={column.id}
                column={column}
                sorted={column.id === order?.column ? direction : undefined}
                onPress={order && column.value && pressed(column)}
              />
            ))}
          </tr>
        </thead>
        <tbody>
          {sorted.slice(0, all ? sorted.length : FIRST).map((row) => (
            <Cells key={rowKey(row)} row={row} columns={columns} instead={instead} />
          ))}
        </tbody>
      </table>
      {!all && sorted.length > FIRST && (
        <p className={styles.more}>
          <Button onClick={() => setAll(true)}>{`Show all ${plural(sorted.length, unit)}`}</Button>
          {` The first ${integer(FIRST)} are shown.`}
        </p>
      )}
    </>
  );
}

function orderOf({ initial, sort }: Sorting, columns: readonly Column<never>[]): Sort {
  return sort && columns.some(({ id, value }) => value && id === sort.column) ? sort : initial;
}

function beginsWith({ kind }: Column<never>): Direction {
  return kind === "name" ? "ascending" : "descending";
}

interface HeadProps<Row> {
  column: Column<Row>;
  sorted: Direction | undefined;
  /** Left out where the rows cannot be sorted by it. */
  onPress: (() => void) | undefined;
}

function Head<Row>({ column, sorted, onPress }: HeadProps<Row>) {
  return (
    <th scope="col" className={classOf(column)} data-long={column.isLong ? "" : undefined} aria-sort={sorted}>
      {onPress ? (
        <>
          {column.headText !== undefined && column.head}
          <button type="button" className={styles.sort} data-sorted={sorted} onClick={onPress}>
            {column.headText === undefined ? (
              column.head
            ) : (
              <span className="vh">Sort by {column.headText}</span>
            )}
            <Arrows sorted={sorted} />
          </button>
        </>
      ) : (
        column.head
      )}
    </th>
  );
}

const PATHS = {
  both: "M4 1 7 5H1zM4 11 1 7h6z",
  ascending: "M4 3 8 9H0z",
  descending: "M4 9 0 3h8z",
} as const;

/** Both ways where the rows may be sorted, one where they are. */
function Arrows({ sorted }: { sorted: Direction | undefined }) {
  return (
    <svg className={styles.arrows} viewBox="0 0 8 12" aria-hidden="true">
      <path d={PATHS[sorted ?? "both"]} />
    </svg>
  );
}

interface CellsProps<Row> {
  row: Row;
  columns: readonly Column<Row>[];
  instead: DataTableProps<Row>["instead"];
}

/** One row: rows that stay are not written again when the order changes. */
const Cells = memo(function Cells<Row>({ row, columns, instead }: CellsProps<Row>) {
  const words = instead?.(row) ?? null;
  const shown = words === null ? columns : columns.slice(0, 1);
  return (
    <tr>
      {shown.map((column) =>
        column.kind === "name" || column.kind === "day" ? (
          <th key={column.id} scope="row" className={classOf(column)}>
            {column.cell(row)}
          </th>
        ) : (
          <td key={column.id} className={classOf(column)}>
            {column.cell(row)}
          </td>
        ),
      )}
      {words !== null && <td colSpan={columns.length - 1}>{words}</td>}
    </tr>
  );
}) as <Row>(props: CellsProps<Row>) => ReactNode;

const KINDS = { number: "n", name: styles.name, day: styles.day } as const;
const LEAVES = { phone: styles.phone, narrow: styles.narrow } as const;

function classOf({ kind, leaves }: Column<never>): string | undefined {
  return [kind && KINDS[kind], leaves && LEAVES[leaves]].filter(Boolean).join(" ") || undefined;
}
