import { expect, it } from "vitest";
import {
  blocks,
  causal,
  cross,
  distanceDecay,
  type EdgeModelOptions,
  gaussian,
  geometric,
  hard,
  hops,
  multihop,
  probabilistic,
  resolvent,
  scaledDot,
  softcap,
  window,
} from "../index.ts";

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
])("%s is refused with what may be", (_, declare, text) => {
  expect(declare).toThrow("bad_model");
  expect(declare).toThrow(text);
});

it("a misspelt word names the nearest", () => {
  const misspelt = { grap: causal() } as EdgeModelOptions;
  expect(() => cross(misspelt)).toThrow("write graph in place of grap");
});
