import {
  causal,
  chain,
  given,
  type Inputs,
  intersection,
  matching,
  motif,
  parameter,
  tensor,
  tree,
} from "edgewise";
import { compile } from "edgewise/compile";
import { reference } from "edgewise/engines/reference";
import { gradient } from "edgewise/ir";
import { describe, expect, test } from "vitest";
import { prepare } from "../inDouble.ts";
import { random, the } from "../random.ts";
import { checkGradient } from "./checkGradient.ts";

describe("chains", () => {
  for (const [length, states] of [
    [1, 3],
    [2, 1],
    [3, 3],
    [7, 2],
  ] as const) {
    const rng = random(61);
    const inputs = {
      unary: rng.normal([2, length, states], 2),
      pairwise: rng.normal([2, length - 1, states, states], 2),
    };
    const value = rng.normal([2, length, 3]);
    for (const of of [["marginals"], ["pairMarginals"], ["logPartition"]])
      test(`${length} steps of ${states} states: ${of}`, async () => {
        await checkGradient(chain(), inputs, { of });
      });
    test(`${length} steps of ${states} states: all readings at once`, async () => {
      const of = ["marginals", "pairMarginals", "logPartition", "expectation"];
      await checkGradient(chain(), { ...inputs, value }, { of });
    });
  }
});

describe("trees", () => {
  for (const roots of ["one", "many"] as const)
    for (const nodes of [1, 2, 3, 5]) {
      const rng = random(62);
      const inputs = { head: rng.normal([2, nodes, nodes], 2), root: rng.normal([2, nodes], 2) };
      const value = rng.normal([2, nodes, 3]);
      for (const of of [["marginals"], ["rootMarginals"], ["logPartition"]])
        test(`${nodes} nodes, ${roots} root: ${of}`, async () => {
          await checkGradient(tree({ roots }), inputs, { of });
        });
      test(`${nodes} nodes, ${roots} root: all readings at once`, async () => {
        const of = ["marginals", "rootMarginals", "logPartition", "expectation"];
        await checkGradient(tree({ roots }), { ...inputs, value }, { of });
      });
    }

  test("the diagonal of the head scores has no gradient", async () => {
    const rng = random(63);
    const inputs = { head: rng.normal([1, 3, 3]), root: rng.normal([1, 3]) };
    const got = await checkGradient(tree(), inputs, { of: ["marginals", "logPartition"] });
    expect([0, 4, 8].map((k) => the(got, "head").data[k])).toEqual([0, 0, 0]);
  });
});

describe("matchings", () => {
  for (const nodes of [1, 2, 3, 6]) {
    const rng = random(64);
    const score = rng.normal([2, nodes, nodes], 1.5);
    const sent = { value: rng.normal([2, nodes, 2]), chooser_value: rng.normal([2, nodes, 2]) };
    test(`${nodes} nodes, exact`, async () => {
      const of = ["marginals", "logPartition", "expectation", "scatter"];
      const model = matching({ method: "exact", temperature: 0.7 });
      await checkGradient(model, { score, ...sent }, { of, tolerance: 1e-6 });
    });
    test(`${nodes} nodes, by Sinkhorn's iterations to their end`, async () => {
      const model = matching({ temperature: 0.7, tolerance: 1e-14, iterations: 400 });
      const of = ["marginals", "expectation", "scatter"];
      await checkGradient(model, { score, ...sent }, { of, tolerance: 1e-6 });
    });
    test(`${nodes} nodes, by three iterations: the gradient of what three iterations give`, async () => {
      const model = matching({ iterations: 3, tolerance: 0 });
      await checkGradient(model, { score }, { of: ["marginals"], tolerance: 1e-6 });
    });
  }
});

describe("motifs", () => {
  const [N, M, D] = [3, 5, 2];
  const rng = random(65);
  const none = Number.NEGATIVE_INFINITY;
  const inputs: Inputs = {
    query: rng.normal([2, 2, N, D]),
    key: rng.normal([2, 1, M, D]),
    value: rng.normal([2, 1, M, 2]),
    log_prior: rng.normal([1, 2, N, M]),
    log_weight: tensor([0.4, -0.3, none, 1]),
    temperature: tensor([0.7, 1.3]),
    support: {
      data: Float64Array.from({ length: 4 * N * M }, (_, k) =>
        // The last motif leaves the last row empty.
        k >= 4 * N * M - M ? 0 : k % M === 0 || (k * 7) % 3 !== 1 ? 1 : 0,
      ),
      shape: [4, N, M],
    },
  };
  const words = {
    logWeight: "log_weight",
    prior: given(),
    temperature: parameter("temperature", ["H"]),
  };
  for (const of of [["expectation"], ["motif"], ["posterior"], ["logPartition"]])
    test(`${of}`, async () => {
      await checkGradient(motif(words), inputs, { of, data: ["support"] });
    });

  test("all readings, with causal edges and joint tempering", async () => {
    const of = ["expectation", "motif", "posterior", "logPartition"];
    const model = motif({ ...words, graph: intersection(causal()), tempering: "joint" });
    await checkGradient(model, inputs, { of, data: ["support"] });
  });

  test("where no motif is possible every gradient is 0", async () => {
    const impossible = { ...inputs, log_weight: tensor([none, none, none, 1]) };
    const of = ["expectation", "motif", "posterior"];
    const got = await checkGradient(motif(words), impossible, { of, data: ["support"] });
    for (const { data } of Object.values(got)) expect(data.every((x) => x === 0)).toBe(true);
  });
});

describe("second derivatives", () => {
  for (const model of [chain(), tree(), matching(), matching({ method: "exact" })])
    test(`${model.name} refuses them as what it does not have`, () => {
      const program = compile(model);
      const wrt = [program.inputs[0]?.name ?? ""];
      const first = gradient(program, ["marginals"], wrt);
      expect(() => gradient(first, Object.keys(first.outputs), wrt)).toThrow("one derivative");
    });

  test("those of the log partition are first derivatives of the marginals", async () => {
    const rng = random(66);
    const [unary, pairwise] = [rng.normal([1, 3, 2]), rng.normal([1, 2, 2, 2])];
    const first = gradient(compile(chain()), ["logPartition"], ["unary"]);
    const second = gradient(first, ["d_unary"], ["unary"]);
    const engine = reference();
    const direction = rng.normal([1, 3, 2]);
    const value = rng.normal([1, 3, 1]);
    const run = engine.runSync(engine.lower(second), {
      ...{ unary, pairwise, value },
      ...{ d_logPartition: tensor([1]), d_d_unary: direction },
    });
    const attend = await prepare(chain(), { read: ["marginals"] });
    const expected = attend.gradientSync({ unary, pairwise }, { marginals: direction });
    expect([...the(run.outputs, "d_unary").data]).toEqual([...the(expected, "unary").data]);
  });
});
