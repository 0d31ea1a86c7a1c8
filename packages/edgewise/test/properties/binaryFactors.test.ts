import {
  alternate,
  binary,
  cccp,
  descend,
  edgeModel,
  factor,
  given,
  type LatentInference,
  latent,
  latentModel,
  parameter,
  scaledDot,
  tensor,
} from "edgewise";
import { describe, expect, test } from "vitest";
import { posteriorExpectation } from "../inDouble.ts";
import { near } from "../near.ts";
import { random } from "../random.ts";

const rng = random(811);
const [B, N, K, D] = [3, 2, 5, 4];
const inputs = {
  state: rng.normal([B, N, D]),
  memory: rng.normal([K, D], 0.6),
  log_odds: rng.normal([K]),
};

/** States over memories that are each there or not: F = ½‖z‖² − Σ softplus(⟨w, z⟩ + c). */
function memories(inference: LatentInference, normalised = true) {
  const state = { tensor: "state", shape: ["B", "N", "D"] };
  const edges = edgeModel({
    name: "memories",
    choice: binary(),
    prior: given("log_odds", ["M"]),
    potential: scaledDot({ scale: 1 }),
    nodes: { query: state, key: { tensor: "memory", shape: ["M", "D"] } },
  });
  return latentModel({
    name: "memories",
    latents: [latent("state", state.shape)],
    factors: [factor("memories", edges, { normalised })],
    inference,
  });
}

const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** Energy of each node, and the states after one concave–convex step, in plain loops. */
function byHand(state: ArrayLike<number>, normalised: boolean) {
  const [energies, next]: [number[], number[]] = [[], []];
  for (let n = 0; n < B * N; n++) {
    const z = Array.from({ length: D }, (_, d) => state[n * D + d] as number);
    let energy = z.reduce((sum, x) => sum + (x * x) / 2, 0);
    const step = new Array<number>(D).fill(0);
    for (let k = 0; k < K; k++) {
      const w = Array.from({ length: D }, (_, d) => inputs.memory.data[k * D + d] as number);
      const c = inputs.log_odds.data[k] as number;
      const a = z.reduce((sum, x, d) => sum + x * (w[d] as number), 0);
      energy -= softplus(a + c) - (normalised ? softplus(c) : 0);
      w.forEach((x, d) => {
        step[d] = (step[d] as number) + sigmoid(a + c) * x;
      });
    }
    energies.push(energy);
    next.push(...step);
  }
  return { energies, next };
}

describe("factors of binary edges", () => {
  test.each([true, false])(
    "have the energy and the step of section 8; normalised %s",
    async (normalised) => {
      const { state, freeEnergy } = await posteriorExpectation(
        memories(cccp(), normalised),
        inputs,
      );
      const { energies, next } = byHand(inputs.state.data, normalised);
      near(state, next, 1e-12);
      const after = byHand(state.data, normalised).energies;
      near(
        freeEnergy,
        energies.flatMap((before, k) => [before, after[k] as number]),
        1e-12,
      );
    },
  );

  test("give exact minima and descent the same slope", async () => {
    for (const inference of [
      alternate({ maxIterations: 40 }),
      descend({ rate: 0.5, maxIterations: 200 }),
    ]) {
      const read = ["state", "gradient.state", "freeEnergy"];
      const answer = await posteriorExpectation(memories(inference), inputs, { read });
      near(answer["gradient.state"] as never, new Array(B * N * D).fill(0), 1e-6);
      expect(answer.info.freeEnergy?.largestRise).toBe(0);
    }
  });
});

test("a precision that is a parameter is above 0 where a step divides by it, and may be 0 elsewhere", async () => {
  const weighed = (inference: LatentInference) => {
    const model = memories(inference);
    return {
      ...model,
      latents: [{ ...latent("state", ["B", "N", "D"]), precision: parameter("precision") }],
    };
  };
  const none = { ...inputs, precision: tensor(0) };
  await expect(posteriorExpectation(weighed(cccp()), none)).rejects.toThrow(
    "precisions above 0, which cccp divides by",
  );
  await expect(posteriorExpectation(weighed(descend()), none)).resolves.toBeDefined();
  const negative = { ...inputs, precision: tensor(-1) };
  await expect(posteriorExpectation(weighed(descend()), negative)).rejects.toThrow(
    "precisions of at least 0",
  );
});
