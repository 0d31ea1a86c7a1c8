import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { reference } from "../engines/reference/index.ts";
import {
  axis,
  type BinaryOp,
  binary,
  type Expr,
  index,
  load,
  nodesOf,
  number,
  sum,
  unary,
  where,
} from "./expr.ts";
import { map } from "./fold.ts";
import type { NodeMap, Program } from "./program.ts";
import { simplify } from "./simplify.ts";

const i = axis("i", "N");
const leaf = fc.oneof(
  fc.integer({ min: -2, max: 2 }).map(number),
  fc.constant(index(i)),
  fc.constant(load("x", [index(i)])),
);
const operators: BinaryOp[] = [
  "add",
  "subtract",
  "multiply",
  "min",
  "max",
  "less",
  "lessEqual",
  "equal",
  "and",
  "or",
];
const expressions = fc.letrec<{ e: Expr }>((tie) => ({
  e: fc.oneof(
    { maxDepth: 5 },
    leaf,
    fc
      .tuple(fc.constantFrom(...operators), tie("e"), tie("e"))
      .map(([op, a, b]) => binary(op, a, b)),
    fc
      .tuple(
        fc.constantFrom("negate" as const, "abs" as const, "held" as const, "not" as const),
        tie("e"),
      )
      .map(([op, a]) => unary(op, a)),
    fc.tuple(tie("e"), tie("e"), tie("e")).map(([t, a, b]) => where(t, a, b)),
  ),
})).e;

const program = (e: Expr): Program => ({
  name: "sample",
  inputs: [{ name: "x", shape: ["N"] }],
  steps: [map("y", [i], e)],
  outputs: { y: "y" },
});
const engine = reference();
const run = (of: Program) =>
  engine.runSync(engine.lower(of), { x: { data: Float64Array.of(-1.5, 0, 0.25, 2), shape: [4] } })
    .outputs["y"]?.data;

describe("simplification", () => {
  it("changes no answer", () => {
    fc.assert(
      fc.property(expressions, (e) => {
        const [before, after] = [run(program(e)), run(simplify(program(e)))];
        // −0 and 0 are the same number.
        expect([...(after ?? [])].map((v) => v + 0)).toEqual([...(before ?? [])].map((v) => v + 0));
      }),
    );
  });

  it("gives equal parts one object", () => {
    const square = () => binary("multiply", load("x", [index(i)]), load("x", [index(i)]));
    const [step] = simplify(program(binary("add", square(), square()))).steps as [NodeMap];
    const value = step.results[0]?.value as Expr;
    expect(nodesOf([value]).filter((e) => e.kind === "load").length).toBe(1);
  });

  it("drops what no output needs", () => {
    const dead = map("dead", [i], sum(axis("k", "N"), load("x", [index("k")])));
    const { steps } = simplify({ ...program(number(1)), steps: [dead, map("y", [i], 1)] });
    expect(steps.length).toBe(1);
  });
});
