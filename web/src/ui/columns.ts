// A table is its columns: what each is called, writes and is sorted by.
import type { ReactNode } from "react";
import type { SortValue } from "../lib/sort.ts";

export interface Column<Row> {
  /** Its name in the address. */
  id: string;
  head: ReactNode;
  /** What the head says, where it is a link itself: the arrows alone then sort. */
  headText?: string | undefined;
  /** Whether the head is as long as a title, and breaks. */
  isLong?: boolean | undefined;
  cell: (row: Row) => ReactNode;
  /** What rows are sorted by; left out where they cannot be. Names begin with the first, anything else with the largest. */
  value?: ((row: Row) => SortValue) | undefined;
  /** Numbers stand on the right; the name of a row is its head, and a day never breaks. */
  kind?: "number" | "name" | "day" | undefined;
  /** Where there is no room for it: on a phone, or already on anything narrower than a wide table. */
  leaves?: "phone" | "narrow" | undefined;
}

/** A column of numbers, sorted by them. */
export function numberColumn<Row>(
  id: string,
  head: ReactNode,
  value: (row: Row) => number | null,
  write: (value: number | null) => ReactNode,
  leaves?: Column<Row>["leaves"],
): Column<Row> {
  return { id, head, value, cell: (row) => write(value(row)), kind: "number", leaves };
}
