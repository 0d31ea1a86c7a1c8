/** Models as functions of jax-js: its grad, jit and vmap against the reference, and what is left behind. */
import type { Array as JaxArray } from "@jax-js/jax";
import {
  causal,
  cross,
  distanceDecay,
  EdgewiseError,
  edges,
  expanding,
  given,
  graph,
  hopfield,
  type Inputs,
  type Model,
  multihop,
  parameter,
  prepare,
  relative,
  scaledDot,
  self,
  slot,
  softcap,
  type Tensor,
  window,
} from "edgewise";
import { compile } from "edgewise/compile";
import { reference } from "edgewise/engines/reference";
import { jaxFunction } from "edgewise/jax";
import { describe, expect, test } from "vitest";
import { random, the } from "../random.ts";
import { drawnInputs, type Lengths } from "./inputs.ts";

const jax = await import("@jax-js/jax").catch(() => undefined);
const why = jax === undefined ? " (skipped: @jax-js/jax is not installed)" : "";
const { numpy, grad, jit, vmap } = jax ?? ({} as typeof import("@jax-js/jax"));

type Arrays = Record<string, JaxArray>;

const arrayOf = ({ data, shape }: Tensor): JaxArray =>
  numpy.array(Float32Array.from(data), { shape: [...shape] });
const arraysOf = (inputs: Readonly<Record<string, Tensor>>): Arrays =>
  Object.fromEntries(Object.entries(inputs).map(([name, of]) => [name, arrayOf(of)]));
const dispose = (arrays: Arrays): void => {
  for (const array of Object.values(arrays)) array.dispose();
};

/** Largest difference, as a part of the largest finite number. */
function error(got: ArrayLike<number>, wanted: Tensor["data"]): number {
  expect(got.length).toBe(wanted.length);
  let [by, size] = [0, 1e-6];
  for (const [k, x] of wanted.entries()) {
    if (got[k] === x) continue;
    by = Math.max(by, Math.abs((got[k] as number) - x));
    size = Math.max(size, Math.abs(x));
  }
  return by / size;
}

interface Differentiated {
  readonly claim: string;
  readonly model: Model;
  readonly read: string;
  readonly by: readonly string[];
  readonly lengths?: Lengths;
  readonly given?: Inputs;
}

const square: Lengths = { N: 5, M: 5 };
const nodes = ["query", "key", "value"];
const sloped = distanceDecay({ slope: parameter("slope", ["H"]) });
/** A log prior that forbids a row, and some edges besides. */
const partly: Tensor = {
  data: Float32Array.from({ length: 54 }, (_, k) =>
    k < 6 || k % 5 === 0 ? Number.NEGATIVE_INFINITY : Math.sin(k),
  ),
  shape: [1, 1, 9, 6],
};
const differentiated: readonly Differentiated[] = [
  {
    claim: "self-attention over the past under slopes",
    model: self({ graph: causal(), prior: sloped }),
    read: "expectation",
    by: [...nodes, "slope"],
    lengths: square,
  },
  {
    claim: "the evidence of self-attention over the past under slopes",
    model: self({ graph: causal(), prior: sloped }),
    read: "logEvidence",
    by: ["query", "key", "slope"],
    lengths: square,
  },
  {
    claim: "four heads of two groups",
    model: self(),
    read: "entropy",
    by: ["query", "key"],
    lengths: { ...square, H: 4, G: 2 },
  },
  { claim: "hops", model: multihop(), read: "expectation", by: nodes, lengths: square },
  {
    claim: "a soft cap",
    model: cross({ potential: softcap({ cap: parameter("cap", ["H"]), of: scaledDot() }) }),
    read: "expectation",
    by: [...nodes, "cap"],
  },
  {
    claim: "a table of offsets",
    model: relative(),
    read: "expectation",
    by: [...nodes, "relative_prior"],
  },
  ...["expectation", "entropy", "logEvidence"].map((read) => ({
    claim: `the ${read} of rows of which some are empty`,
    model: cross({ graph: window({ back: -3, ahead: 5 }), prior: given() }),
    read,
    by: ["query", "key", ...(read === "expectation" ? ["value"] : []), "log_prior"],
    lengths: { N: 9, M: 6 },
    given: { log_prior: partly },
  })),
  {
    claim: "three steps of a Hopfield network",
    model: hopfield({ maxIterations: 3 }),
    read: "state",
    by: ["state", "patterns"],
  },
  {
    claim: "two rounds of slots that take the mean",
    model: slot({ update: "mean", maxIterations: 2 }),
    read: "slots",
    by: ["inputs", "slots"],
  },
];

/** Inputs of a model that are read where a reading is, and a cotangent of it. */
async function posed({ model, read, by, lengths = {}, given = {} }: Differentiated) {
  const all = drawnInputs(compile(model), { lengths, given, seed: 5 });
  const inputs = Object.fromEntries(by.map((name) => [name, the(all, name)]));
  const attend = await prepare(model, { engine: reference(), read: [read] });
  const value = the(attend.sync(inputs) as unknown as Record<string, Tensor>, read);
  const cotangent: Tensor = { ...random(3).normal(value.shape), shape: value.shape };
  const single = { data: Float32Array.from(cotangent.data), shape: cotangent.shape };
  return {
    inputs,
    value,
    cotangent: single,
    wanted: attend.gradientSync(inputs, { [read]: single }),
  };
}

describe.skipIf(jax === undefined)(`functions of jax-js${why}`, () => {
  test.each(differentiated)("grad of $claim is the reference's", async (one) => {
    const { read, by } = one;
    const { inputs, value, cotangent, wanted } = await posed(one);
    const attend = await jaxFunction(one.model, { read: [read], moves: true });
    const weights = arrayOf(cotangent);
    const loss = (...args: JaxArray[]): JaxArray => {
      const given = Object.fromEntries(by.map((name, k) => [name, args[k] as JaxArray]));
      return the(attend(given), read).mul(weights.ref).sum();
    };
    const arrays = arraysOf(inputs);
    const args = by.map((name) => the(arrays, name));
    const kept = Object.fromEntries(by.map((name) => [name, the(arrays, name).ref]));
    const answer = the(attend(kept), read);
    expect(error(await answer.data(), value.data)).toBeLessThan(2e-6);
    const argnums = by.map((_, k) => k);
    for (const of of [grad(loss, { argnums }), jit(grad(loss, { argnums }))]) {
      const slopes = of(...args.map((array) => array.ref)) as JaxArray[];
      for (const [k, name] of by.entries())
        expect(
          error(await (slopes[k] as JaxArray).data(), the(wanted, name).data),
          name,
        ).toBeLessThan(1e-5);
    }
    // Nothing but the caller holds them: whoever traced has let them go.
    expect(args.map(({ refCount }) => refCount)).toEqual(by.map(() => 1));
    dispose({ ...arrays, weights });
  });

  const model = self({ graph: causal() });
  const inputs = drawnInputs(compile(self()), { lengths: square });
  const three = Object.fromEntries(nodes.map((name) => [name, the(inputs, name)]));
  const [query, key, value] = nodes.map((name) => the(three, name)) as [Tensor, Tensor, Tensor];
  const wanted = async () => (await prepare(model, { engine: reference() })).sync(three);

  test("arguments stay the caller's, once more and compiled", async () => {
    const attend = await jaxFunction(model);
    const arrays = arraysOf(three);
    const { expectation, entropy, logEvidence } = await wanted();
    for (const call of [attend, attend, jit((of: Arrays) => attend(of))] as const) {
      const got = call(call === attend ? arrays : arraysOf(three)) as Arrays;
      expect(Object.keys(got).toSorted()).toEqual(["entropy", "expectation", "logEvidence"]);
      expect(error(await the(got, "expectation").data(), expectation.data)).toBeLessThan(2e-6);
      expect(error(await the(got, "entropy").data(), entropy.data)).toBeLessThan(2e-6);
      expect(error(await the(got, "logEvidence").data(), logEvidence.data)).toBeLessThan(2e-6);
    }
    expect(Object.values(arrays).map(({ refCount }) => refCount)).toEqual([1, 1, 1]);
    dispose(arrays);
  });

  test("vmap adds a leading dimension that the model does not have", async () => {
    const attend = await jaxFunction(model, { read: ["expectation"], moves: true });
    const [twice, keys, values] = [
      [query, query],
      [key, key],
      [value, value],
    ].map((both) => numpy.stack(both.map(arrayOf))) as [JaxArray, JaxArray, JaxArray];
    const many = vmap(
      (query: JaxArray, key: JaxArray, value: JaxArray) =>
        attend({ query, key, value }).expectation,
    )(twice.ref, keys, values);
    const { data, shape } = (await wanted()).expectation;
    expect(many.shape).toEqual([2, ...shape]);
    expect(error(await many.data(), Float64Array.from([...data, ...data]))).toBeLessThan(2e-6);
    expect(twice.refCount).toBe(1);
    twice.dispose();
  });

  test("arguments that a function of the caller's takes are moved where that is asked", async () => {
    const attend = await jaxFunction(model, { read: ["expectation"], moves: true });
    const arrays = arraysOf(three);
    the(attend(arrays), "expectation").dispose();
    expect(Object.values(arrays).map(({ refCount }) => refCount)).toEqual([0, 0, 0]);
  });

  test.each([
    ["a list of edges", graph(edges([[0, 1]])), ["expectation"], /list of edges/],
    ["draws", self(), ["sample"], /choices and draws/],
    ["windows that grow", expanding(), ["expectation"], /growingWindow/],
    ["a tolerance", hopfield({ maxIterations: 9, tolerance: 1e-3 }), ["state"], /stops when/],
    ["empty rows that throw", self({ whenEmpty: "throw" }), ["expectation"], /look at numbers/],
  ] as const)("declines %s, and says why", async (_, model: Model, read, reason) => {
    const refusal = await jaxFunction(model, { read: [...read] }).catch((error) => error);
    expect(refusal).toBeInstanceOf(EdgewiseError);
    expect(refusal.code).toBe("engine_cannot");
    expect(refusal.got).toMatch(reason);
  });

  test.each([
    ["a string", "x", "query as a string"],
    ["a number", 3, "query as a number"],
    ["a nested array", [[1, 0]], "query as a list"],
    ["nothing", undefined, "query as undefined"],
    ["a tensor of Edgewise", query, "query as a tensor of Edgewise"],
  ])("refuses %s in place of an array", async (_, given, got) => {
    const attend = await jaxFunction(model);
    const arrays = arraysOf({ key, value });
    expect(() => attend({ ...arrays, query: given } as never)).toThrow(
      expect.objectContaining({
        ...{ code: "shape_mismatch", got, expected: "an array of jax-js" },
        fix: expect.stringContaining("np.array("),
      }),
    );
    dispose(arrays);
  });

  test("refuses no arguments, models that are none, and options of another kind", async () => {
    const attend = (await jaxFunction(model)) as (inputs?: unknown) => unknown;
    for (const none of [undefined, null, 3, "x", []])
      expect(() => attend(none)).toThrow(expect.objectContaining({ code: "shape_mismatch" }));
    const refusal = async (of: unknown, options: object) =>
      await jaxFunction(of as Model, options).catch((error) => error);
    for (const none of [null, {}])
      expect(await refusal(none, {})).toMatchObject({ code: "bad_model" });
    for (const options of [{ read: "expectation" }, { moves: "yes" }])
      expect(await refusal(model, options)).toMatchObject({ code: "bad_option" });
  });

  test("refuses tensors that the model does not read, and lengths that differ", async () => {
    const attend = await jaxFunction(model);
    const arrays = arraysOf({ ...three, values: value });
    expect(() => attend(arrays)).toThrow(/unknown_tensor[\s\S]*write value/);
    const { values, ...rest } = arrays;
    const short = numpy.zeros([2, 2, 4, 3]);
    expect(() => attend({ ...rest, key: short })).toThrow(/shape_mismatch/);
    dispose({ ...arrays, short });
  });
});
