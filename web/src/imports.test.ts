// @vitest-environment node
// Which folder may use which: a chart draws what it is given, a part of a page knows no page.
import { readdir, readFile } from "node:fs/promises";
import { dirname, join, normalize } from "node:path";
import { describe, expect, it } from "vitest";

const SRC = new URL(".", import.meta.url).pathname;

const MAY: Record<string, readonly string[]> = {
  lib: [],
  styles: [],
  router: [],
  api: ["lib"],
  address: ["lib", "api"],
  findings: ["lib", "api"],
  ui: ["lib", "api"],
  charts: ["lib", "api", "ui"],
  features: ["lib", "api", "address", "router", "findings", "ui", "charts"],
};

/** The folders of ours that a file's imports lead to. */
function foldersIn(text: string, file: string): string[] {
  const specifiers = [...text.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*"(\.[^"]+)"/g)].map(
    (match) => match[1] ?? "",
  );
  return specifiers.map((one) => normalize(join(dirname(file), one)).split("/")[0] ?? "");
}

async function filesOf(folder: string): Promise<string[]> {
  const names = await readdir(join(SRC, folder), { recursive: true });
  return names.filter((name) => /(?<!\.test)\.tsx?$/.test(name)).map((name) => join(folder, name));
}

describe.each(Object.entries(MAY))("%s", (folder, allowed) => {
  it(`uses ${allowed.join(", ") || "no other folder"}`, async () => {
    const wrong = [];
    for (const file of await filesOf(folder)) {
      const used = foldersIn(await readFile(join(SRC, file), "utf8"), file);
      wrong.push(
        ...used.filter((one) => one !== folder && !allowed.includes(one)).map((one) => `${file} → ${one}`),
      );
    }
    expect(wrong).toEqual([]);
  });
});

it("sees every kind of import", () => {
  const text = `
    import { a } from "../routes/a.ts";
    import type { B } from "../lib/b.ts";
    import "../styles/c.css";
    export { d } from "./d.ts";
    const E = lazy(async () => import("../routes/e.tsx"));
    import react from "react";
  `;
  expect(foldersIn(text, "features/x.ts")).toEqual(["routes", "lib", "styles", "features", "routes"]);
});

it("names every folder that is no page and no test", async () => {
  const entries = await readdir(SRC, { withFileTypes: true });
  const folders = entries.filter((one) => one.isDirectory()).map((one) => one.name);
  expect(folders.sort()).toEqual([...Object.keys(MAY), "routes", "testing"].sort());
});
