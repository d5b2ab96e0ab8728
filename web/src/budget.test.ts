// @vitest-environment node
import { expect, it } from "vitest";
import { weights } from "../scripts/weights.mjs";

it("counts for a page what it adds to the first visit, and nothing that comes later still", () => {
  const manifest = {
    "index.html": {
      file: "index.js",
      isEntry: true,
      imports: ["_react.js"],
      dynamicImports: ["src/routes/a/A.tsx"],
    },
    "_react.js": { file: "react.js" },
    "_shared.js": { file: "shared.js", imports: ["_react.js", "_deep.js"] },
    "_deep.js": { file: "deep.js", imports: ["_shared.js"] },
    "src/routes/a/A.tsx": {
      file: "a.js",
      isDynamicEntry: true,
      imports: ["index.html", "_shared.js"],
      dynamicImports: ["src/features/b.tsx"],
    },
    "src/features/b.tsx": { file: "b.js", isDynamicEntry: true },
  };
  expect(weights(manifest)).toEqual({
    first: ["index.js", "react.js"],
    routes: { "src/routes/a/A.tsx": ["a.js", "shared.js", "deep.js"] },
  });
});
