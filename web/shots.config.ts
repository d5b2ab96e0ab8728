// The pictures of the README and the guides, taken from the stack that KANSOKU_URL names: `make shots`.
import { defineConfig } from "@playwright/test";
import e2e from "./playwright.config.ts";

export default defineConfig({
  ...e2e,
  testDir: "shots",
  globalSetup: "./e2e/stack.ts",
  workers: 1,
  fullyParallel: false,
  // The story leaves dead letters behind, so it comes after the pages.
  projects: [
    { name: "pages", testMatch: "pages.spec.ts" },
    { name: "story", testMatch: "story.spec.ts", dependencies: ["pages"] },
  ],
});
