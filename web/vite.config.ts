import { readFileSync } from "node:fs";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";
import { fixtures } from "./dev/fixtures.ts";

const api = process.env.KANSOKU_URL;

const FACE = "node_modules/@fontsource-variable/archivo/files/archivo-latin-wdth-normal.woff2";

/** The API's own pages know no name with a hash in it. */
const faceOfDocs: Plugin = {
  name: "face-of-docs",
  generateBundle() {
    this.emitFile({ type: "asset", fileName: "docs/archivo.woff2", source: readFileSync(FACE) });
  },
};

/** A face that comes late is kept for the next page: it would move what is read already. */
const settledFace: Plugin = {
  name: "settled-face",
  enforce: "pre",
  transform: (code, id) =>
    id.endsWith("archivo/wdth.css") ? code.replaceAll("font-display: swap", "font-display: optional") : null,
};

/** Preact stands in for React, whose names the code and its libraries use. */
const REACT = {
  "react/jsx-runtime": "preact/jsx-runtime",
  "react/jsx-dev-runtime": "preact/jsx-runtime",
  "react-dom/client": "preact/compat/client",
  "react-dom": "preact/compat",
  react: "preact/compat",
};

export default defineConfig({
  resolve: { alias: REACT },
  plugins: [faceOfDocs, settledFace, ...(api ? [] : [fixtures()])],
  // Nothing is written into the code, so that the strict Content-Security-Policy holds.
  build: {
    assetsInlineLimit: 0,
    manifest: true,
    target: ["chrome125", "firefox128", "safari18"],
    modulePreload: { polyfill: false }, // all of these preload modules by themselves
  },
  ...(api
    ? { server: { proxy: Object.fromEntries(["/api", "/docs", "/openapi.json"].map((path) => [path, api])) } }
    : {}),
  test: {
    environment: "happy-dom",
    server: { deps: { inline: ["@tanstack/react-query"] } }, // so that it finds Preact too
    include: ["src/**/*.test.{ts,tsx}"],
    setupFiles: ["src/testing/setup.ts"],
    env: { TZ: "UTC" },
    restoreMocks: true,
    testTimeout: 20_000,
    maxWorkers: "100%", // one core less otherwise, and of two that is half
  },
});
