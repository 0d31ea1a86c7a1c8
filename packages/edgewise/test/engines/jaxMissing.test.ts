/** jax-js is an optional peer: who lacks it is told how to get it. */
import { jax } from "edgewise/engines/jax";
import { expect, test, vi } from "vitest";

vi.mock("@jax-js/jax", () => {
  throw new Error("Cannot find package '@jax-js/jax'");
});

test("where jax-js is not installed, the engine says how to install it", async () => {
  await expect(jax()).rejects.toThrow(/engine_cannot[\s\S]*npm install @jax-js\/jax@0\.1\.25/);
});
