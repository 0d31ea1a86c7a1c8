import { defineConfig } from "vitest/config";

const conditions = ["edgewise-source"];
const none = ["**/node_modules/**", "**/dist/**", "**/*.full.test.ts"];
const inBrowser = "packages/lab/test/studio/**/*.test.ts";

export default defineConfig({
  ssr: { resolve: { conditions } },
  resolve: { conditions },
  test: {
    testTimeout: 60_000,
    // By default one processor is left to the runner, which hardly uses it.
    maxWorkers: "100%",
    projects: [
      {
        extends: true,
        test: {
          name: "node",
          include: [
            "apps/*/src/**/*.test.ts",
            "packages/*/src/**/*.test.ts",
            "packages/*/test/**/*.test.ts",
          ],
          exclude: [...none, inBrowser],
        },
      },
      {
        extends: true,
        test: {
          name: "page",
          include: [inBrowser],
          exclude: none,
          // The page is built once, before all files that open it.
          globalSetup: "./packages/lab/test/studio/build.ts",
        },
      },
    ],
  },
});
