// Writes src/api/types.gen.ts.
import { writeFile } from "node:fs/promises";
import { TYPES, typesOf } from "./schema-to-types.mjs";

await writeFile(TYPES, await typesOf());
console.log("src/api/types.gen.ts is made from src/api/openapi.json");
