import { conditionalMean, type Inputs, parameter } from "edgewise";
import { describe, expect, test } from "vitest";
import { random, the } from "../random.ts";
import { checkGradient } from "./checkGradient.ts";

function nodes(senders: number): Inputs {
  const rng = random(31 + senders);
  return {
    query: rng.normal([2, 2, 3, 2]),
    key: rng.normal([2, 1, senders, 2]),
    value: rng.normal([2, 1, senders, 3]),
  };
}
const of = ["expectation"] as const;

describe.each(["linear", "exponential", "gaussian"] as const)("the %s kernel", (kernel) => {
  test.each([1, 3, 5])("has the gradient that differences show, for %d keys", async (senders) => {
    const options = { kernel, scale: 0.8, bandwidth: 1.5, ridge: 0.5 };
    await checkGradient(conditionalMean(options), nodes(senders), { of });
  });

  test("has a gradient by a learned scale and ridge", async () => {
    const scale = kernel === "gaussian" ? 1 : parameter("scale");
    const model = conditionalMean({ kernel, scale, ridge: parameter("ridge") });
    const one = (x: number) => ({ data: Float64Array.of(x), shape: [] });
    const learned = kernel === "gaussian" ? {} : { scale: one(0.6) };
    await checkGradient(model, { ...nodes(3), ...learned, ridge: one(0.4) }, { of });
  });

  test("has a gradient of 0 by nodes that nothing reads", async () => {
    const gradient = await checkGradient(conditionalMean({ kernel }), nodes(0), { of });
    expect([...the(gradient, "query").data].every((g) => g === 0)).toBe(true);
  });
});

test("values of 0 have the gradient of the prediction", async () => {
  const inputs = nodes(3);
  const value = { data: new Float64Array(18), shape: [2, 1, 3, 3] };
  const gradient = await checkGradient(
    conditionalMean({ ridge: 0.5 }),
    { ...inputs, value },
    { of },
  );
  expect([...the(gradient, "value").data].some((g) => g !== 0)).toBe(true);
});
