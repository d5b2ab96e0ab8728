// The order of a table's rows.

export type Direction = "ascending" | "descending";

/** By which column, and which way. */
export interface Sort {
  column: string;
  direction: Direction;
}

/** What a row is sorted by; `null` where it has no value. */
export type SortValue = number | string | null;

const WORDS = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

/** The rows in order. Those without a value come last either way, and equal ones keep their places. */
export function sortRows<Row>(
  rows: readonly Row[],
  value: (row: Row) => SortValue,
  direction: Direction,
): Row[] {
  const sign = direction === "ascending" ? 1 : -1;
  const keyed = rows.map((row) => ({ row, key: value(row) }));
  keyed.sort((a, b) => {
    if (a.key === null || b.key === null) return Number(a.key === null) - Number(b.key === null);
    return sign * compare(a.key, b.key);
  });
  return keyed.map(({ row }) => row);
}

function compare(a: number | string, b: number | string): number {
  if (typeof a === "number" && typeof b === "number") return a - b;
  return WORDS.compare(String(a), String(b));
}

/** The sort after a press on a column's head: the other way where it is sorted by it, else as it begins. */
export function nextSort({ column, direction }: Sort, pressed: string, begins: Direction): Sort {
  if (column !== pressed) return { column: pressed, direction: begins };
  return { column, direction: direction === "ascending" ? "descending" : "ascending" };
}
