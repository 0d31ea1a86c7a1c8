import { defineConfig } from "vitest/config";
import base from "./vitest.config.ts";

/** What takes minutes: packing and installing, kill tests, long conformance. */
export default defineConfig({
  ...base,
  test: {
    include: ["packages/*/test/**/*.full.test.ts"],
    testTimeout: 600_000,
    hookTimeout: 600_000,
  },
});
