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
