import { defineConfig } from "vitest/config";

export default defineConfig({
  ssr: { resolve: { conditions: ["edgewise-source"] } },
  resolve: { conditions: ["edgewise-source"] },
  test: {
    include: [
      "apps/*/src/**/*.test.ts",
      "packages/*/src/**/*.test.ts",
      "packages/*/test/**/*.test.ts",
    ],
    exclude: ["**/node_modules/**", "**/dist/**", "**/*.full.test.ts"],
    globalSetup: "./packages/lab/test/studio/build.ts",
    testTimeout: 60_000,
    // By default one processor is left to the runner, which hardly uses it.
    maxWorkers: "100%",
  },
});
