import { defineConfig } from "vitest/config";

export default defineConfig({
  ssr: { resolve: { conditions: ["edgewise-source"] } },
  resolve: { conditions: ["edgewise-source"] },
  test: {
    include: ["packages/*/src/**/*.test.ts", "packages/*/test/**/*.test.ts"],
    exclude: ["**/node_modules/**", "**/dist/**", "**/*.full.test.ts"],
    testTimeout: 60_000,
  },
});
