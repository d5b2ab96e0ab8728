import { defineConfig } from "@playwright/test";

const STORY = "dead-letters.spec.ts";

// The stack is started by the caller: `make e2e`, or `npm run e2e` in web/ against the one that KANSOKU_URL names.
export default defineConfig({
  testDir: "e2e",
  globalSetup: "./e2e/stack.ts",
  outputDir: "node_modules/.playwright",
  fullyParallel: true,
  workers: 2,
  forbidOnly: true,
  retries: 0,
  reporter: [["list"]],
  timeout: 30_000,
  // The story of the dead letters captures rows: whatever compares numbers comes before it.
  projects: [
    // Who passes at the second try is named at the end: it waits for time somewhere, and wants mending.
    { name: "dashboard", testIgnore: STORY, retries: 1 },
    { name: "operator", testMatch: STORY, dependencies: ["dashboard"], use: { trace: "retain-on-failure" } },
  ],
  use: {
    baseURL: process.env.KANSOKU_URL ?? "http://127.0.0.1:1",
    browserName: "chromium",
    locale: "en-GB",
    timezoneId: "Europe/Paris",
    trace: "on-first-retry", // recording takes a good part of a test's time
    launchOptions: {
      executablePath: process.env.KANSOKU_CHROMIUM ?? "/usr/bin/chromium",
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    },
  },
});
