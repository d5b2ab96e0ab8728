// Makes TypeScript types from the schemas of the OpenAPI document.
import { readFile } from "node:fs/promises";
import { compile } from "json-schema-to-typescript";

const DOCUMENT = new URL("../src/api/openapi.json", import.meta.url);
export const TYPES = new URL("../src/api/types.gen.ts", import.meta.url);

/** A reference with words beside it would become a type of its own, so the words go. */
function localise(node) {
  if (Array.isArray(node)) return node.map(localise);
  if (node === null || typeof node !== "object") return node;
  if (typeof node.$ref === "string") {
    return { $ref: node.$ref.replace("#/components/schemas/", "#/$defs/") };
  }
  return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, localise(value)]));
}

/** The text of `types.gen.ts` for the committed OpenAPI document. */
export async function typesOf() {
  const { components } = JSON.parse(await readFile(DOCUMENT, "utf8"));
  const names = Object.keys(components.schemas);
  const schema = {
    title: "ApiSchemas",
    description: "Every schema of the API by its name.",
    type: "object",
    required: names,
    properties: Object.fromEntries(names.map((name) => [name, { $ref: `#/$defs/${name}` }])),
    $defs: localise(components.schemas),
  };
  return compile(schema, "ApiSchemas", {
    additionalProperties: false,
    bannerComment: "// Generated from openapi.json by `npm run generate`. Do not edit.",
    style: { printWidth: 110 },
  });
}
