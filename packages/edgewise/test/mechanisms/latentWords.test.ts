import { blockSlot, hopfield, predictiveCoding, slot, tensor } from "edgewise";
import { describe, expect, test } from "vitest";
import { posteriorExpectation } from "../inDouble.ts";

/** Callers without a compiler write these too. */
const wrong: [string, () => unknown, string][] = [
  ["a misspelt update of slots", () => slot({ update: "sums" as "sum" }), "update sums"],
  [
    "misspelt responsibilities",
    () => slot({ responsibilities: "distances" as "distance" }),
    "responsibilities distances",
  ],
  ["a negative epsilon", () => slot({ update: "learned", epsilon: -1 }), "epsilon -1"],
  [
    "a misspelt form of block slots",
    () => blockSlot({ form: "compose" as "composed" }),
    "form compose",
  ],
  ["a misspelt variant", () => predictiveCoding({ variant: "edge" as "edgewise" }), "variant edge"],
  ["a misspelt update of layers", () => predictiveCoding({ update: "close" as "closed" }), "close"],
  ["half a layer", () => predictiveCoding({ layers: 1.5 }), "layers 1.5"],
  ["no layer", () => predictiveCoding({ layers: 0 }), "layers 0"],
  [
    "closed updates of a tanh link",
    () => predictiveCoding({ update: "closed", link: "tanh" }),
    "not quadratic",
  ],
  [
    "closed updates of the standard network",
    () => predictiveCoding({ update: "closed", variant: "standard" }),
    "pooled under alternate",
  ],
  ["a precision of 0", () => hopfield({ precision: 0 }), "precision 0"],
  ["a negative precision", () => hopfield({ precision: -1 }), "precision -1"],
  ["a damping of 2", () => hopfield({ damping: 2 }), "damping 2"],
];

describe("mechanisms with latent nodes refuse, and name what they found:", () => {
  test.each(wrong)("%s", (_, declare, got) => {
    expect(declare).toThrow("bad_model");
    expect(declare).toThrow(got);
  });

  test.each([
    ["hopfield", () => hopfield({ precison: 2 } as object), "write precision in place of precison"],
    ["slot", () => slot({ updat: "sum" } as object), "write update in place of updat"],
    ["block-slot", () => blockSlot({ fomr: "energy" } as object), "write form in place of fomr"],
    [
      "predictive-coding",
      () => predictiveCoding({ layer: 2 } as object),
      "write layers in place of layer",
    ],
  ])("an unknown option of %s", (name, declare, fix) => {
    expect(declare).toThrow(`unknown_option in ${name}`);
    expect(declare).toThrow(fix);
  });

  test("negative precisions among the inputs", async () => {
    const inputs = {
      "state.0": tensor([[1]]),
      "state.1": tensor([[1, 2]]),
      "weight.0": tensor([[1], [1]]),
      "precision.0": tensor([1, -1]),
    };
    await expect(posteriorExpectation(predictiveCoding(), inputs)).rejects.toThrow(
      "precisions of at least 0",
    );
  });
});

test("slots learn with responsibilities by distance too", () => {
  const model = slot({ update: "learned", responsibilities: "distance" });
  expect(model.inference).toMatchObject({
    kind: "collect",
    cells: [{ kind: "gru" }, { kind: "residual" }],
  });
  expect(model.factors[0]?.edges.potential.kind).toBe("gaussian");
});
