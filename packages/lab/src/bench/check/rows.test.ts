import { expect, it } from "vitest";
import { spread, tolerance, worst } from "./rows.ts";

const expected = {
  picks: { expectation: [0, 7], entropy: [3] },
  rows: {
    expectation: [
      [1, 2],
      [3, -4],
    ],
    entropy: [[0.5]],
  },
};
const answer = (expectation: number[][], entropy = [[0.5]]) => ({ expectation, entropy });

it("an answer that rounds a little is right", () => {
  const { error } = worst(
    expected,
    answer([
      [1, 2],
      [3, -4.00001],
    ]),
  );
  expect(error).toBeGreaterThan(0);
  expect(error).toBeLessThan(tolerance);
});

it("a wrong row is named, with its error over the row's greatest number", () => {
  const found = worst(
    expected,
    answer([
      [1, 2],
      [3.4, -4],
    ]),
  );
  expect(found).toEqual({ output: "expectation", row: 7, error: expect.closeTo(0.1, 9) });
});

it.each([
  ["no row", answer([[1, 2]])],
  ["a row of another width", answer([[1, 2], [3]])],
  [
    "NaN",
    answer([
      [1, 2],
      [3, Number.NaN],
    ]),
  ],
  ["no output", { expectation: expected.rows.expectation }],
])("%s is infinitely wrong", (_, rows) => {
  expect(worst(expected, rows).error).toBe(Number.POSITIVE_INFINITY);
});

it("sampled places hold both ends", () => {
  expect(spread(100, 3)).toEqual([0, 50, 99]);
  expect(spread(2, 6)).toEqual([0, 1]);
  expect(spread(1, 6)).toEqual([0]);
});
