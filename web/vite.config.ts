import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";
import { fixtures } from "./dev/fixtures.ts";

const api = process.env.KANSOKU_URL;

export default defineConfig({
  plugins: [react(), ...(api ? [] : [fixtures()])],
  // Nothing is written into the code, so that the strict Content-Security-Policy holds.
  build: { assetsInlineLimit: 0, target: ["chrome125", "firefox128", "safari18"] },
  ...(api
    ? { server: { proxy: Object.fromEntries(["/api", "/docs", "/openapi.json"].map((path) => [path, api])) } }
    : {}),
  test: {
    environment: "happy-dom",
    include: ["src/**/*.test.{ts,tsx}"],
    setupFiles: ["src/testing/setup.ts"],
    env: { TZ: "UTC" },
    restoreMocks: true,
  },
});
