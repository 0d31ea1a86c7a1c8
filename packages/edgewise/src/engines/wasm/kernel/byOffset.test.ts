import {
  causal,
  cross,
  distanceDecay,
  type EdgeModel,
  expression,
  type Graph,
  given,
  graph,
  intersection,
  parameter,
  relative,
  rotary,
  self,
  union,
  window,
  withoutSelf,
} from "edgewise";
import { compile } from "edgewise/compile";
import { printExpr } from "edgewise/ir";
import { describe, expect, test } from "vitest";
import { byOffset } from "./byOffset.ts";

/** Log weight and condition, by offset, of the fold that takes the prior's mass. */
function massOf(model: EdgeModel): string[] | undefined {
  const step = compile(model).steps.find((one) => one.kind === "normalise");
  const form = step && byOffset(step);
  return form && [form.logWeight, ...(form.where ? [form.where] : [])].map((e) => printExpr(e));
}

const texts = (text: string): EdgeModel => relative({ prior: expression(text) });
const over = (allowed: Graph): EdgeModel => graph(allowed);
const slope = distanceDecay({ slope: parameter("slope", ["H"]) });

describe("a prior's mass is taken by offsets", () => {
  const cases: [claim: string, model: EdgeModel, logWeight: string][] = [
    ["under a slope", self({ prior: slope, graph: causal() }), "-(slope[h] * abs((-1) * offset))"],
    [
      "under a slope from another place",
      self({ prior: slope, offset: 3 }),
      "-(slope[h] * abs((-1) * offset + 3))",
    ],
    ["under a table", relative(), "relative_prior[h, offset + (N - 1)]"],
    ["of edges that leave one out", over(withoutSelf()), "0"],
    ["of a cut interval that leaves one out", over(intersection(causal(), withoutSelf())), "0"],
    [
      "of senders that choose",
      cross({ chooser: "sender", prior: slope }),
      "-(slope[h] * abs(offset))",
    ],
    ["under a text", texts("-slope[head] * abs(i - j) / 2"), "-slope[h] * abs((-1) * offset) / 2"],
  ];
  for (const [claim, model, logWeight] of cases)
    test(claim, () => {
      expect(massOf(model)?.[0]).toBe(logWeight);
    });

  test("where places are compared, their gap is", () => {
    expect(massOf(over(withoutSelf()))?.[1]).toBe("!(offset == 0)");
    expect(massOf(texts("where(j < i + 2, 1, forbidden)"))?.[0]).toBe(
      "where(offset + (-2) < 0, 1, forbidden)",
    );
  });
});

describe("a prior's mass is taken by edges", () => {
  const cases: [claim: string, model: EdgeModel][] = [
    ["under a given prior", cross({ prior: given() })],
    ["under a text of both places", texts("0.1 * i * j")],
    ["under a text of senders", texts("0.1 * j")],
    ["under a text of places whose factors differ", texts("0.1 * abs(i - 2 * j)")],
    ["under a text that may leave its tensor", texts("table[j - i]")],
    [
      "of several intervals",
      over(union(window({ back: 0, ahead: 0 }), window({ back: 5, ahead: -3 }))),
    ],
  ];
  for (const [claim, model] of cases)
    test(claim, () => {
      expect(massOf(model)).toBeUndefined();
    });

  test("where there are no offsets in it", () => {
    // Equal weights over an interval are counted.
    expect(massOf(rotary({ graph: causal() }))).toEqual(["0"]);
  });
});
