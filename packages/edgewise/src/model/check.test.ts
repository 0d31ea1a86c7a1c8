import { expect, it } from "vitest";
import {
  betaGeometric,
  blocks,
  causal,
  classifier,
  cross,
  distanceDecay,
  type EdgeModelOptions,
  edgeModel,
  expand,
  expanding,
  gaussian,
  geometric,
  hard,
  hops,
  multihop,
  parameter,
  probabilistic,
  product,
  resolvent,
  scaledDot,
  self,
  softcap,
  uniform,
  window,
} from "../index.ts";
import { compile } from "../inference/compile.ts";

const tau = parameter("tau");
const learned = scaledDot({ scale: tau });

it.each<[string, () => unknown, string]>([
  ["temperature 0", () => cross({ temperature: 0 }), "above 0"],
  ["a fractional window", () => cross({ graph: window({ back: 1.5 }) }), "whole number"],
  ["blocks of size 0", () => cross({ graph: blocks({ size: 0, pattern: [[1]] }) }), "at least 1"],
  ["a certain stop", () => cross({ prior: geometric({ stop: 1 }) }), "stopping probability"],
  ["an infinite slope", () => cross({ prior: distanceDecay({ slope: Number.NaN }) }), "slope NaN"],
  ["a negative precision", () => cross({ potential: gaussian({ precision: -1 }) }), "at least 0"],
  ["a cap of 0", () => cross({ potential: softcap({ cap: 0 }) }), "above 0"],
  ["no hops", () => multihop({ value: hops({ weights: [] }) }), "no hops"],
  [
    "three quenched hops",
    () => multihop({ value: hops({ weights: [1, 1, 1], reading: "quenched" }) }),
    "two hops",
  ],
  ["continuation 1", () => multihop({ value: resolvent({ continuation: 1 }) }), "not including 1"],
  ["hops between two sets", () => cross({ value: hops() }), "square: true"],
  ["several modes", () => hard({ count: 3 }), "one mode"],
  ["draws of senders", () => hard({ chooser: "sender" }), "receivers that choose"],
  ["a mixture at a temperature", () => probabilistic({ temperature: 2 }), "queryPrecision"],
  ["a mixture of dot products", () => probabilistic({ potential: scaledDot() }), "Gaussian"],
  ["a fractional number of EM steps", () => probabilistic({ keyIterations: 0.5 }), "whole number"],
  ["an offset that is no number", () => cross({ offset: 0.5 }), 'or "last"'],
  ["no stops at all", () => expanding({ alpha: 0 }), "alpha 0"],
  ["endless continuations", () => expanding({ beta: Number.POSITIVE_INFINITY }), "beta Infinity"],
  ["a tail of everything", () => expanding({ tail: 1 }), "not including 1"],
  ["a negative tolerance", () => expanding({ tolerance: -1 }), "at least 0"],
  ["half an update", () => expanding({ maxIterations: 0.5 }), "whole number"],
  ["another scheme", () => expanding({ scheme: "em" as "vb" }), "plugin-reset"],
  ["q summed out for a group", () => expanding({ scheme: "exact", share: "group" }), "one q"],
  ["growth by a Gaussian", () => expanding({ potential: gaussian() }), "softcap"],
  ["growth by a learned scale", () => expanding({ potential: learned }), "a learned scale"],
  [
    "growth at a learned temperature",
    () => expanding({ temperature: tau }),
    "a learned temperature",
  ],
  [
    "growth under a learned cap",
    () => expanding({ potential: softcap({ cap: tau }) }),
    "learned cap",
  ],
  ["growth under joint tempering", () => expanding({ tempering: "joint" }), "joint tempering"],
  ["growth from an offset", () => expanding({ offset: 1 }), "offset 1"],
  ["growth between two sets", () => expanding({ square: false }), "square: true"],
  ["growth of several hops", () => expanding({ value: hops() }), "a carried value"],
  ["growth of senders", () => expanding({ chooser: "sender" }), "receivers that choose"],
  [
    "growth into the future",
    () => edgeModel({ square: true, prior: betaGeometric(), inference: expand() }),
    "than the past",
  ],
  [
    "growth under another prior",
    () => edgeModel({ square: true, graph: causal(), inference: expand() }),
    "the prior uniform",
  ],
  [
    "growth with units for keys",
    () =>
      expanding({
        nodes: { key: { tensor: "key", shape: ["B", "H", "M", "D"] } },
      }),
    "[B, G, M, D]",
  ],
  ["a q that nothing infers", () => cross({ prior: betaGeometric() }), "expand()"],
  ["a q in a product", () => cross({ prior: product(betaGeometric()) }), "geometric({ stop })"],
])("%s is refused with what may be", (_, declare, text) => {
  expect(declare).toThrow("bad_model");
  expect(declare).toThrow(text);
});

it("misspelt counts and options of growth name the nearest", () => {
  const prior = betaGeometric({ alhpa: 2 } as object);
  const declare = (options: object) => () =>
    edgeModel({ square: true, graph: causal(), prior, inference: expand(), ...options });
  expect(declare({})).toThrow("write alpha");
  const misspelt = { prior: betaGeometric(), inference: expand({ tial: 0.1 } as object) };
  expect(declare(misspelt)).toThrow("write tail");
});

it("a misspelt word names the nearest", () => {
  const misspelt = { grap: causal() } as EdgeModelOptions;
  expect(() => cross(misspelt)).toThrow("write graph in place of grap");
});

it("a model that was not checked cannot be compiled with a q that nothing infers", () => {
  const unchecked = { ...cross(), prior: betaGeometric() };
  expect(() => compile(unchecked)).toThrow("inference that infers its continuation probability");
});

it("refuses a parameter with a letter that no node of the edge has", () => {
  const temperature = parameter("t", ["H"]);
  expect(() => classifier({ temperature })).toThrow("a parameter t [H] between nodes without H");
  const slope = distanceDecay({ slope: parameter("slope", ["Q"]) });
  expect(() => self({ prior: product(uniform(), slope) })).toThrow("letters among B, H, N, G, M");
  expect(() => self({ temperature })).not.toThrow();
});
