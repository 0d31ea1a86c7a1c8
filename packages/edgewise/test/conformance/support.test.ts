/** Nothing leaks: what a row does not see changes no bit of it, on any engine. */
import {
  causal,
  cross,
  distanceDecay,
  type EdgeModel,
  edges,
  type Graph,
  gaussian,
  given,
  graph,
  type Inputs,
  prepare,
  type Reading,
  self,
  softcap,
  type Tensor,
  union,
  window,
  withoutSelf,
} from "edgewise";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { random, the } from "../random.ts";
import { bytesOf } from "./agreement.ts";
import { disposeOf, type Tried, triedEngines } from "./engines.ts";
import { singles } from "./inputs.ts";

let tried: readonly Tried[] = [];
beforeAll(async () => {
  tried = await triedEngines();
});
afterAll(() => disposeOf(tried));

const [D, V] = [5, 3];
const none = Number.NEGATIVE_INFINITY;

interface Seen {
  readonly claim: string;
  readonly model: EdgeModel;
  readonly sees: (i: number, j: number) => boolean;
}

const list = (n: number, m: number): [number, number][] =>
  Array.from({ length: n }, (_, i) =>
    [0, 1, 2].map((k): [number, number] => [i, (7 * i + 11 * k) % m]),
  ).flat();
const inList = (m: number) => (i: number, j: number) =>
  [0, 1, 2].some((k) => (7 * i + 11 * k) % m === j);
const back = (i: number, j: number): boolean => j <= i;

const seen = (n: number, m: number): Seen[] => {
  const on = (claim: string, allowed: Graph, sees: Seen["sees"]): Seen => ({
    claim,
    model: graph(allowed),
    sees,
  });
  return [
    on("the past", causal(), back),
    on("a window", window({ back: 3, ahead: 2 }), (i, j) => j >= i - 3 && j <= i + 2),
    on("everybody else", withoutSelf(), (i, j) => i !== j),
    on(
      "two windows",
      union(window({ back: 0, ahead: 0 }), window({ back: 40, ahead: -20 })),
      (i, j) => i === j || (j >= i - 40 && j <= i - 20),
    ),
    on("a list", edges(list(n, m)), inList(m)),
    {
      claim: "the past under a slope",
      model: self({ graph: causal(), prior: distanceDecay({ slope: 0.1 }) }),
      sees: back,
    },
    {
      claim: "the past by distances",
      model: self({ graph: causal(), potential: gaussian() }),
      sees: back,
    },
    {
      claim: "the past under a cap",
      model: self({ graph: causal(), potential: softcap({ cap: 2 }) }),
      sees: back,
    },
    {
      claim: "a prior of −∞",
      model: cross({ prior: given() }),
      sees: (i, j) => (5 * i + 3 * j) % 7 > 2,
    },
  ];
};

function nodes(n: number, m: number, { sees, model }: Seen): Inputs {
  const rng = random(12);
  const log_prior = Float32Array.from({ length: n * m }, (_, k) =>
    sees(Math.floor(k / m), k % m) ? 0.25 : none,
  );
  return singles({
    query: rng.normal([1, 1, n, D]),
    key: rng.normal([1, 1, m, D]),
    value: rng.normal([1, 1, m, V]),
    ...(model.prior.kind === "given" && { log_prior: { data: log_prior, shape: [1, 1, n, m] } }),
  });
}

const read: readonly Reading[] = ["expectation", "logEvidence", "entropy", "posterior"];
const rowOf = (of: Tensor, i: number): Uint8Array => {
  const width = of.data.length / (of.shape[2] as number);
  return bytesOf({ data: of.data.subarray(i * width, (i + 1) * width) as Float32Array });
};

/** One node with other numbers. */
function moved(of: Tensor, node: number, to: (x: number) => number): Tensor {
  const width = of.shape.at(-1) as number;
  const data = of.data.map((x, k) => (Math.floor(k / width) === node ? to(x) : x));
  return { data: data as Float32Array, shape: of.shape };
}

describe("a node that a row does not see changes no bit of it", () => {
  for (const [n, m] of [
    [6, 9],
    [70, 150],
  ] as const)
    for (const one of seen(n, m))
      test(`${one.claim}, ${n} × ${m}`, async () => {
        const inputs = nodes(n, m, one);
        for (const { name, engine } of tried) {
          const attend = await prepare(one.model, { engine, read });
          const before = attend.sync(inputs);
          for (const j of [0, 1, Math.floor(m / 2), m - 2, m - 1]) {
            const isSeen = Array.from({ length: n }, (_, i) => i).some((i) => one.sees(i, j));
            // Rows that see it must stay finite; where none does, it may hold anything.
            const far = isSeen ? 7 : 1e30;
            const other = {
              ...inputs,
              key: moved(the(inputs, "key"), j, (x) => x + far),
              value: moved(the(inputs, "value"), j, () => 1e30),
            };
            const after = attend.sync(other);
            for (let i = 0; i < n; i++)
              if (!one.sees(i, j))
                for (const reading of read)
                  expect(
                    rowOf(the(after, reading), i),
                    `${name}: ${reading} of row ${i} when node ${j} moves`,
                  ).toEqual(rowOf(the(before, reading), i));
          }
        }
      });
});

describe("what no row sees has a gradient of exactly 0", () => {
  for (const one of seen(40, 90))
    test(one.claim, async () => {
      const inputs = nodes(40, 90, one);
      const unseen = Array.from({ length: 90 }, (_, j) => j).filter((j) =>
        Array.from({ length: 40 }, (_, i) => i).every((i) => !one.sees(i, j)),
      );
      for (const { name, engine } of tried) {
        const attend = await prepare(one.model, { engine, read });
        const readings = attend.sync(inputs);
        const cotangents = read.map((reading) => [
          reading,
          random(3).normal(the(readings, reading).shape),
        ]);
        const gradient = attend.gradientSync(inputs, Object.fromEntries(cotangents));
        for (const tensor of ["key", "value"]) {
          const { data, shape } = the(gradient, tensor);
          const width = shape.at(-1) as number;
          for (const j of unseen)
            expect(
              data.subarray(j * width, (j + 1) * width).every((g) => g === 0),
              `${name}: d_${tensor}[${j}]`,
            ).toBe(true);
        }
      }
    });
});
