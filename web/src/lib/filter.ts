// The filter of dead letters as text: terms of `key:value`, all of which must hold. The server says what they mean.

export interface Term {
  key: string;
  value: string;
}

const TERM = /([^\s:"]*):("(?:[^"\\]|\\.)*"?|\S*)|\S+/g;

/** The terms of a filter, as far as they can be told apart. */
export function termsOf(filter: string): Term[] {
  return [...filter.matchAll(TERM)].map(([all, key, value]) =>
    key === undefined || value === undefined ? { key: "", value: all } : { key, value: unquoted(value) },
  );
}

function unquoted(value: string): string {
  if (!value.startsWith('"')) return value;
  return value.replace(/^"|"$/g, "").replace(/\\(.)/g, "$1");
}

function write({ key, value }: Term): string {
  if (key === "") return value;
  const isPlain = value !== "" && !/[\s"\\]/.test(value);
  return `${key}:${isPlain ? value : `"${value.replace(/["\\]/g, "\\$&")}"`}`;
}

/** What a filter says of a key; undefined where it says nothing. */
export function valueIn(filter: string, key: string): string | undefined {
  return termsOf(filter).find((term) => term.key === key)?.value;
}

/** The filter with another value of a key, in its place; undefined takes the key away. */
export function withValue(filter: string, key: string, value: string | undefined): string {
  const terms = termsOf(filter);
  const at = terms.findIndex((term) => term.key === key);
  const others = terms.filter((term) => term.key !== key);
  if (value !== undefined) others.splice(at < 0 ? others.length : at, 0, { key, value });
  return others.map(write).join(" ");
}

/** The filter without some keys. */
export function without(filter: string, keys: readonly string[]): string {
  return termsOf(filter)
    .filter((term) => !keys.includes(term.key))
    .map(write)
    .join(" ");
}

/** A text as one word of a shell. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
