import { defineConfig } from "vite";

export default defineConfig({
  // Every address in the page is relative to it: a proxy may serve it below a path of its own.
  base: "./",
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    target: "es2023",
    // The policy of the page forbids what it would add, and browsers of that target preload by themselves.
    modulePreload: { polyfill: false },
    // A file within another would be of another origin by the policy.
    assetsInlineLimit: 0,
    reportCompressedSize: true,
  },
});
