import { describe, expect, test } from "vitest";
import {
  add,
  axis,
  binary,
  type Expr,
  index,
  load,
  multiply,
  subtract,
  sum,
  unary,
} from "../../ir/expr.ts";
import { map } from "../../ir/fold.ts";
import type { Program } from "../../ir/program.ts";
import { reference } from "./index.ts";

const [b, h, i] = [axis("b", "B"), axis("h", "H"), axis("i", "N")];
const [B, H, N] = [2, 3, 4];
const a = {
  data: Float64Array.from({ length: B * H * N }, (_, k) => Math.sin(k + 1)),
  shape: [B, H, N],
};
const x = { data: Float64Array.from({ length: N }, (_, k) => k + 1), shape: [N] };
const at = (batch: number, head: number, node: number): number =>
  Math.sin((batch * H + head) * N + node + 1);

/** A map over the batch with one value. */
function answer(value: Expr): number[] {
  const engine = reference();
  const program: Program = {
    name: "sums",
    inputs: [
      { name: "a", shape: ["B", "H", "N"] },
      { name: "x", shape: ["N"] },
    ],
    steps: [map("out", [b], value)],
    outputs: { out: "out" },
  };
  return Array.from(engine.runSync(engine.lower(program), { a, x }).outputs["out"]?.data ?? []);
}
const everywhere = (
  f: (batch: number, head: number, node: number) => number,
  batch: number,
): number => {
  let all = 0;
  for (let head = 0; head < H; head++)
    for (let node = 0; node < N; node++) all += f(batch, head, node);
  return all;
};

describe("two sums in either order over one shared part", () => {
  const entry = load("a", [b, h, i].map(index));
  const shared = unary("exp", entry);
  const other = multiply(shared, load("x", [index(i)]));
  const plain = (batch: number): number =>
    everywhere((...p) => Math.exp(at(...p)), batch) +
    2 * everywhere((...p) => Math.exp(at(...p)) * (p[2] + 1), batch);

  test("are each what plain loops say, whichever stands first", () => {
    const outer = sum(h, sum(i, shared));
    const inner = sum(i, sum(h, add(other, other)));
    const expected = [0, 1].map(plain);
    for (const value of [add(outer, inner), add(inner, outer)])
      answer(value).forEach((got, batch) => {
        expect(got).toBeCloseTo(expected[batch] ?? Number.NaN, 12);
      });
  });

  test("are so inside each other, with a part that all sums share", () => {
    // Σ_h Σ_i e (e − Σ_i' e) beside Σ_i Σ_h e x, all in one value.
    const centred = multiply(shared, subtract(shared, sum(i, shared)));
    const value = add(sum(h, sum(i, centred)), sum(i, sum(h, other)));
    answer(value).forEach((got, batch) => {
      const inHead = (head: number): number =>
        Array.from({ length: N }, (_, node) => Math.exp(at(batch, head, node))).reduce(
          (p, q) => p + q,
          0,
        );
      const expected =
        everywhere((_, head, node) => {
          const e = Math.exp(at(batch, head, node));
          // The inner sum binds the same letter: it is over its own loop.
          return e * (e - inHead(head));
        }, batch) + everywhere((...p) => Math.exp(at(...p)) * (p[2] + 1), batch);
      expect(got).toBeCloseTo(expected, 11);
    });
  });

  test("are so for a part that the batch changes and the sums do not see first", () => {
    // The shared part is needed by the inner order first, and by the outer order in another batch.
    const scaled = multiply(shared, binary("max", entry, load("x", [index(i)])));
    const value = add(sum(i, sum(h, scaled)), sum(h, sum(i, multiply(scaled, scaled))));
    answer(value).forEach((got, batch) => {
      const part = (...p: [number, number, number]): number =>
        Math.exp(at(...p)) * Math.max(at(...p), p[2] + 1);
      const expected = everywhere(part, batch) + everywhere((...p) => part(...p) ** 2, batch);
      expect(got).toBeCloseTo(expected, 10);
    });
  });
});
