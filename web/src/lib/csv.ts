// A table as a CSV file inside an address, where the API has no file of it.

/** Spreadsheets run a cell that begins with one of these; an apostrophe in front makes it text. */
const RUNS = /^[=+\-@\t\r\n＝＋－＠]/;

function cell(value: string | number | null): string {
  if (typeof value !== "string") return value === null ? "" : String(value);
  const harmless = RUNS.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

/** The address of a file with these rows, the names of the columns first. */
export function csvAddress(rows: readonly (readonly (string | number | null)[])[]): string {
  const text = rows.map((row) => `${row.map(cell).join(",")}\n`).join("");
  return `data:text/csv;charset=utf-8,${encodeURIComponent(text)}`;
}
