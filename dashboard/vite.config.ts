import { defineConfig } from "vitest/config";

export default defineConfig({
  // Relative addresses, so that the page also works behind a proxy's path prefix.
  base: "./",
  build: {
    // The style sheet uses light-dark(), which these versions brought.
    target: ["chrome123", "firefox120", "safari17.5"],
    // The Content-Security-Policy allows files of our own origin; nothing is inlined.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // logmonitor compresses what it embeds; a source map would only make the binary larger.
    sourcemap: false,
  },
  server: {
    proxy: {
      "/api": "http://127.0.0.1:5004",
      "/ready": "http://127.0.0.1:5004",
    },
  },
  test: { include: ["src/**/*.test.ts"] },
});
