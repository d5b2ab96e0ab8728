// Puts every text of the build beside itself as .br and .gz: the server sends these files as they are.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const dist = new URL("../dist/", import.meta.url).pathname;
const TEXT = /\.(css|html|js|json|map|svg|txt|webmanifest)$/;
const MIN_BYTES = 1024; // a smaller file fits into one packet as it is

const brotli = (text) =>
  brotliCompressSync(text, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: text.length },
  });
const codings = { br: brotli, gz: (text) => gzipSync(text, { level: 9 }) };

const files = readdirSync(dist, { recursive: true }).filter((name) => TEXT.test(name));
for (const name of files) {
  const text = readFileSync(join(dist, name));
  if (text.length < MIN_BYTES) continue;
  for (const [ending, encode] of Object.entries(codings)) {
    const encoded = encode(text);
    if (encoded.length < text.length) writeFileSync(join(dist, `${name}.${ending}`), encoded);
  }
}
