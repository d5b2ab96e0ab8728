// @vitest-environment node
import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { TYPES, typesOf } from "../../scripts/schema-to-types.mjs";

it("keeps types.gen.ts as openapi.json says; `npm run generate` writes it", async () => {
  expect(await readFile(TYPES, "utf8")).toBe(await typesOf());
});
