import { render, screen, within } from "@testing-library/preact";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { expect, it } from "vitest";
import type { Sort } from "../lib/sort.ts";
import { type Column, numberColumn } from "./columns.ts";
import { DataTable } from "./DataTable.tsx";

interface Row {
  name: string;
  size: number | null;
}

const ROWS: readonly Row[] = [
  { name: "b", size: 2 },
  { name: "c", size: null },
  { name: "a", size: 30 },
];
const COLUMNS: readonly Column<Row>[] = [
  { id: "name", head: "Name", kind: "name", value: ({ name }) => name, cell: ({ name }) => name },
  numberColumn("size", "Size", ({ size }) => size, String),
  { id: "twice", head: "Twice", cell: ({ size }) => (size ?? 0) * 2 },
];

interface TableProps {
  rows?: readonly Row[];
  chosen?: Sort | null;
  heard?: (Sort | null)[];
}

function Table({ rows = ROWS, chosen = null, heard = [] }: TableProps) {
  const [sort, setSort] = useState(chosen);
  const onSort = (next: Sort | null) => {
    heard.push(next);
    setSort(next);
  };
  const initial = { column: "name", direction: "ascending" } as const;
  return (
    <DataTable
      rows={rows}
      columns={COLUMNS}
      rowKey={({ name }) => name}
      sorting={{ initial, sort, onSort }}
      instead={({ size }) => (size === null ? "not observed" : null)}
      caption="Sizes"
      unit="size"
    />
  );
}

const names = () => screen.getAllByRole("rowheader").map((one) => one.textContent);
const sorted = () =>
  screen
    .getAllByRole("columnheader")
    .flatMap((head) => ((head.ariaSort ?? head.getAttribute("aria-sort")) ? [head.textContent] : []));

it("says which column its rows stand by, and turns round by key", async () => {
  const user = userEvent.setup();
  const heard: (Sort | null)[] = [];
  render(<Table heard={heard} />);
  expect(names()).toEqual(["a", "b", "c"]);
  expect(screen.getByRole("columnheader", { name: "Name" }).getAttribute("aria-sort")).toBe("ascending");
  await user.tab();
  await user.tab();
  expect(document.activeElement?.textContent).toBe("Size");
  await user.keyboard("{Enter}");
  expect(names()).toEqual(["a", "b", "c"]);
  expect(sorted()).toEqual(["Size"]);
  await user.keyboard(" ");
  expect(names()).toEqual(["b", "a", "c"]);
  expect(document.activeElement?.textContent).toBe("Size");
  await user.click(screen.getByRole("button", { name: "Name" }));
  expect(heard).toEqual([
    { column: "size", direction: "descending" },
    { column: "size", direction: "ascending" },
    null,
  ]);
});

it("stands as before where the order is by a column that it does not have, or by none that has values", () => {
  const { unmount } = render(<Table chosen={{ column: "weight", direction: "descending" }} />);
  expect(names()).toEqual(["a", "b", "c"]);
  unmount();
  render(<Table chosen={{ column: "twice", direction: "descending" }} />);
  expect(sorted()).toEqual(["Name"]);
  expect(screen.queryByRole("button", { name: "Twice" })).toBeNull();
});

it("has words in place of a row's cells", () => {
  render(<Table />);
  const row = screen.getByRole("row", { name: /^c/ });
  expect(within(row).getAllByRole("cell")).toHaveLength(1);
  expect(row.textContent).toBe("cnot observed");
});

it("draws the rest of many rows for whoever asks for them, in the order chosen", async () => {
  const many = Array.from({ length: 400 }, (_, size) => ({ name: `n${size}`, size }));
  render(<Table rows={many} chosen={{ column: "size", direction: "descending" }} />);
  expect(names()).toHaveLength(370);
  expect(names()[0]).toBe("n399");
  await userEvent.setup().click(screen.getByRole("button", { name: "Show all 400 sizes" }));
  expect(names()).toHaveLength(400);
  expect(screen.queryByRole("button", { name: /Show all/ })).toBeNull();
});
