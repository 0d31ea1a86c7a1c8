import { expect, it } from "vitest";
import { nearnessLogPrior } from "./nearness.ts";

it("a label is as probable as its nearest unit is near, however many units carry it", () => {
  const separations = [Float64Array.of(10), Float64Array.of(10), Float64Array.of(30)];
  const marks = { cells: [0, 1, 2], share: new Float64Array(6), label: Uint8Array.of(0, 0, 1) };
  const prior = nearnessLogPrior(separations, marks, { tokens: 1, labels: 2 }).map(Math.exp);
  expect(prior[0]! + prior[1]!).toBeCloseTo(Math.exp(-1), 12);
  expect(prior[0]).toBeCloseTo(prior[1]!, 12);
  expect(prior[2]).toBeCloseTo(Math.exp(-3), 12);
});
