// Offsets in bytes of UTF-8, as the API counts, as offsets in a string, and sizes in words.
import { integer } from "./format.ts";

/** The offsets in the string at which these offsets in its UTF-8 bytes lie; within a character, its beginning. */
export function fromBytes(text: string, offsets: readonly number[]): number[] {
  const wanted = [...offsets].sort((a, b) => a - b);
  const found = new Map<number, number>();
  let bytes = 0;
  let at = 0;
  for (const offset of wanted) {
    while (at < text.length) {
      const code = text.codePointAt(at) ?? 0;
      const size = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
      if (bytes + size > offset) break;
      bytes += size;
      at += size === 4 ? 2 : 1;
    }
    found.set(offset, at);
  }
  return offsets.map((offset) => found.get(offset) ?? text.length);
}

/** "2,311 bytes". */
export function bytes(size: number): string {
  return `${integer(size)} ${size === 1 ? "byte" : "bytes"}`;
}
