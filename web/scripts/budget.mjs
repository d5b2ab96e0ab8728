// Prints what the first visit and each later page load, gzipped, and fails where JavaScript is over its budget.
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { weights } from "./weights.mjs";

const FIRST_KB = 130;
const ROUTE_KB = 30;
const dist = new URL("../dist/", import.meta.url).pathname;
const html = readFileSync(join(dist, "index.html"), "utf8");
const { first, routes } = weights(JSON.parse(readFileSync(join(dist, ".vite/manifest.json"), "utf8")));

const gzipped = (path) => gzipSync(readFileSync(join(dist, path)), { level: 9 }).length / 1000;
const total = (paths) => paths.reduce((sum, path) => sum + gzipped(path), 0);
const print = (size, words) => console.log(`  ${size.toFixed(1).padStart(6)} kB  ${words}`);
const linked = [...html.matchAll(/(?:src|href)="\/([^"]+\.(?:js|css|woff2))"/g)].map((match) => match[1]);

const scripts = [...new Set([...linked.filter((path) => path.endsWith(".js")), ...first])];
const counted = new Set([...scripts, ...Object.values(routes).flat()]);
const later = readdirSync(join(dist, "assets"))
  .map((name) => `assets/${name}`)
  .filter((path) => path.endsWith(".js") && !counted.has(path));
const sizes = [
  ["the first JavaScript", total(scripts), FIRST_KB],
  ...Object.entries(routes).map(([route, files]) => [route, total(files), ROUTE_KB]),
];

console.log("\nFirst visit, gzipped:");
for (const path of scripts) print(gzipped(path), path);
print(total(linked.filter((path) => path.endsWith(".css"))), "CSS");
for (const path of linked.filter((path) => path.endsWith(".woff2")))
  print(statSync(join(dist, path)).size / 1000, `${path} (not compressed again)`);
console.log("Parts loaded later:");
for (const path of later) print(gzipped(path), path);
console.log("Budgets:");
for (const [what, size, most] of sizes) print(size, `${what}, of ${most} kB allowed`);

const wrong = sizes.filter(([, size, most]) => size > most);
for (const [what, size, most] of wrong)
  console.error(`budget: ${what} is ${size.toFixed(1)} kB gzipped, over ${most} kB`);
if (first.length === 0 || Object.keys(routes).length === 0)
  console.error("budget: the manifest names no entry or no later page, so nothing was measured");
if (wrong.length > 0 || first.length === 0 || Object.keys(routes).length === 0) process.exit(1);
