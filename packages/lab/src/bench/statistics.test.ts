import { expect, it } from "vitest";
import { median, quantile, spreadOf } from "./statistics.ts";

it("the median of an even number of rounds lies between the two in the middle", () => {
  expect(median([4, 1, 3, 2])).toBe(2.5);
});

it("quantiles of few rounds lie between neighbours in proportion", () => {
  expect(quantile([5, 1, 2, 3, 4], 0.1)).toBeCloseTo(1.4, 12);
  expect(spreadOf([10])).toEqual({ median: 10, p10: 10, p90: 10 });
});

it("the order of the rounds does not matter, and they keep it", () => {
  const rounds = [3, 1, 2];
  expect(spreadOf(rounds)).toEqual(spreadOf([1, 2, 3]));
  expect(rounds).toEqual([3, 1, 2]);
});
