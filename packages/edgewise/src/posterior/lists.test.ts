import { expect, it } from "vitest";
import { prepare } from "../../test/inDouble.ts";
import { random } from "../../test/random.ts";
import { cross, edgesFrom } from "../index.ts";

const { normal } = random(11);
const nodes = {
  query: normal([1, 1, 2, 2]),
  key: normal([1, 1, 3, 2]),
  value: normal([1, 1, 3, 1]),
};

it("edges that a tensor lists are those that it lists now, though it is the same tensor", async () => {
  const attend = await prepare(cross({ graph: edgesFrom("pairs") }));
  const pairs = { data: Int32Array.of(0, 0, 1, 2), shape: [2, 2] };
  const of = (): number[] => [...attend.sync({ ...nodes, pairs }).expectation.data];
  const [first, , last] = nodes.value.data as unknown as number[];
  expect(of()).toEqual([first, last]);
  expect(of()).toEqual([first, last]);
  pairs.data.set([0, 2, 1, 0]);
  expect(of()).toEqual([last, first]);
});
