import { expect, it } from "vitest";
import { prepare } from "../../test/inDouble.ts";
import { random } from "../../test/random.ts";
import { self } from "../index.ts";

const { normal } = random(7);
const inputs = {
  query: normal([1, 1, 3, 2]),
  key: normal([1, 1, 3, 2]),
  value: normal([1, 1, 3, 2]),
};
const cotangents = { expectation: normal([1, 1, 3, 2]) };

it("a pullback is the value, and the gradient at the same inputs", async () => {
  const attend = await prepare(self(), { read: ["expectation"] });
  for (const { value, pull } of [await attend.vjp(inputs), attend.vjpSync(inputs)]) {
    expect(value).toEqual(attend.sync(inputs));
    expect(pull(cotangents)).toEqual(attend.gradientSync(inputs, cotangents));
  }
});

it("a pullback is of the numbers that there were, whatever has become of them", async () => {
  const attend = await prepare(self(), { read: ["expectation"] });
  const wanted = attend.gradientSync(inputs, cotangents);
  for (const way of ["vjp", "vjpSync"] as const) {
    const own = Object.fromEntries(
      Object.entries(inputs).map(([name, { data, shape }]) => [
        name,
        { data: data.slice(), shape: [...shape] },
      ]),
    );
    const { pull } = await attend[way](own);
    for (const { data } of Object.values(own)) data.fill(3);
    expect(pull(cotangents)).toEqual(wanted);
  }
});

it("cotangents that will not do are named themselves", async () => {
  const attend = await prepare(self(), { read: ["expectation"] });
  const { pull } = attend.vjpSync(inputs);
  const [data, shape] = [Float64Array.of(0, 0, 0, Number.NaN, 0, 0), [1, 1, 3, 2]];
  expect(() => pull({ expectation: { data, shape } })).toThrow(
    expect.objectContaining({
      ...{ code: "not_finite", where: "cotangents of self" },
      got: "NaN in the cotangent of expectation [1, 1, 3, 2] at element 3",
    }),
  );
  expect(() => pull({ expectation: "x" as never })).toThrow(
    expect.objectContaining({
      code: "shape_mismatch",
      got: "the cotangent of expectation as string",
    }),
  );
});

it("inputs, readings and models that are none are told as what they are", async () => {
  const attend = await prepare(self(), { read: ["expectation"] });
  const told = async (call: () => Promise<unknown>) => await call().catch((error) => error);
  expect(await told(async () => await attend.vjp(null as never))).toMatchObject({
    ...{ code: "shape_mismatch", got: "null in place of inputs" },
  });
  expect(await told(async () => await prepare(self(), { read: "mode" as never }))).toMatchObject({
    ...{ code: "bad_option", got: 'read: "mode"', fix: 'write read: ["mode"]' },
  });
  for (const none of [null, {}, "self", self])
    expect(await told(async () => await prepare(none as never))).toMatchObject({
      code: "bad_model",
    });
});
