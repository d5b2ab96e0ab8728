// Prints what the first visit loads, gzipped, and fails where the first JavaScript is over its budget.
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

const BUDGET_KB = 130;
const dist = new URL("../dist/", import.meta.url).pathname;
const html = readFileSync(join(dist, "index.html"), "utf8");

const linked = [...html.matchAll(/(?:src|href)="\/([^"]+\.(?:js|css|woff2))"/g)].map((match) => match[1]);
const gzipped = (path) => gzipSync(readFileSync(join(dist, path)), { level: 9 }).length / 1000;
const total = (paths) => paths.reduce((sum, path) => sum + gzipped(path), 0);

const scripts = linked.filter((path) => path.endsWith(".js"));
const firstScripts = total(scripts);
const later = readdirSync(join(dist, "assets")).filter(
  (name) => name.endsWith(".js") && !scripts.includes(`assets/${name}`),
);
const fonts = linked.filter((path) => path.endsWith(".woff2"));

console.log("\nFirst visit, gzipped:");
for (const path of scripts) console.log(`  ${gzipped(path).toFixed(1).padStart(6)} kB  ${path}`);
console.log(`  ${firstScripts.toFixed(1).padStart(6)} kB  JavaScript of ${BUDGET_KB} kB allowed`);
console.log(
  `  ${total(linked.filter((path) => path.endsWith(".css")))
    .toFixed(1)
    .padStart(6)} kB  CSS`,
);
for (const path of fonts) {
  console.log(
    `  ${(statSync(join(dist, path)).size / 1000).toFixed(1).padStart(6)} kB  ${path} (not compressed again)`,
  );
}
for (const name of later)
  console.log(`  ${gzipped(`assets/${name}`).toFixed(1).padStart(6)} kB  ${name}, loaded later`);

if (scripts.length === 0) {
  console.error("budget: dist/index.html links no script, so nothing was measured");
  process.exit(1);
}
if (firstScripts > BUDGET_KB) {
  console.error(
    `budget: the first JavaScript is ${firstScripts.toFixed(1)} kB gzipped, over ${BUDGET_KB} kB`,
  );
  process.exit(1);
}
