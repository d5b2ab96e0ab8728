// What each page loads, by the manifest of the build.

/** A chunk and those that it imports; not those that it may import later. */
function closure(manifest, key, seen = new Set()) {
  if (seen.has(key)) return seen;
  seen.add(key);
  for (const next of manifest[key]?.imports ?? []) closure(manifest, next, seen);
  return seen;
}

/** The files of the first visit, and those that each later route adds to them. */
export function weights(manifest) {
  const entries = Object.keys(manifest).filter((key) => manifest[key].isEntry);
  const first = new Set(entries.flatMap((key) => [...closure(manifest, key)]));
  const routes = Object.keys(manifest)
    .filter((key) => key.startsWith("src/routes/") && manifest[key].isDynamicEntry)
    .map((key) => [key, [...closure(manifest, key)].filter((chunk) => !first.has(chunk))]);
  const files = (keys) => [...keys].map((key) => manifest[key].file);
  return {
    first: files(first),
    routes: Object.fromEntries(routes.map(([key, chunks]) => [key, files(chunks)])),
  };
}
