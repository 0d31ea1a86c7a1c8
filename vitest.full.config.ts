import { defineConfig } from "vitest/config";

const conditions = ["edgewise-source"];

/** What takes minutes: packing and installing, kill tests, long conformance. */
export default defineConfig({
  ssr: { resolve: { conditions } },
  resolve: { conditions },
  test: {
    include: ["packages/*/test/**/*.full.test.ts"],
    testTimeout: 600_000,
    hookTimeout: 600_000,
  },
});
