import { describe, expect, it } from "vitest";
import { normals } from "../../array/random.ts";
import type { Tensor } from "../../array/tensor.ts";
import { reference } from "../../engines/reference/index.ts";
import { add, axis, index, load, multiply, sum } from "../expr.ts";
import { map } from "../fold.ts";
import { gradient } from "../gradient.ts";
import type { Program, RoutineStep } from "../program.ts";
import { faults } from "../spec.ts";

const solve = (matrix: string, letters: readonly string[]): RoutineStep => ({
  kind: "routine",
  routine: "linearSolve",
  inputs: { matrix, source: "source" },
  outputs: { solution: { name: "solution", shape: [...letters, "M", "V"] } },
  options: {},
});

/** Systems with the matrix as it is given. */
const plain = (...letters: string[]): Program => ({
  name: "plain",
  inputs: [
    { name: "matrix", shape: [...letters, "M", "M"] },
    { name: "source", shape: [...letters, "M", "V"] },
  ],
  steps: [solve("matrix", letters)],
  outputs: { solution: "solution" },
});

/** Systems F Fᵀ + I: definite and symmetric wherever F moves. */
function ofFactor(...letters: string[]): Program {
  const lead = letters.map((letter) => axis(letter.toLowerCase(), letter));
  const [m, n, k] = [axis("m", "M"), axis("n", "M"), axis("k", "M")];
  const at = (a: typeof m) => load("factor", [...lead, a, k].map(index));
  const unit = { kind: "binary", op: "equal", left: index(m), right: index(n) } as const;
  return {
    name: "of factor",
    inputs: [
      { name: "factor", shape: [...letters, "M", "M"] },
      { name: "source", shape: [...letters, "M", "V"] },
    ],
    steps: [
      map("matrix", [...lead, m, n], add(sum(k, multiply(at(m), at(n))), unit)),
      solve("matrix", letters),
    ],
    outputs: { solution: "solution" },
  };
}

const engine = reference();
const run = (program: Program, inputs: Record<string, Tensor>): Record<string, Tensor> =>
  engine.runSync(engine.lower(program), inputs).outputs;

const drawn = (seed: number, ...shape: number[]): Tensor => {
  const next = normals(seed);
  return { data: Float64Array.from({ length: shape.reduce((a, b) => a * b, 1) }, next), shape };
};
const at = ({ data }: Tensor, k: number): number => data[k] as number;
const dot = (a: Tensor, b: Tensor): number =>
  Array.from(a.data).reduce((total, x, k) => total + x * at(b, k), 0);

const lengths = [1, 3, 7];
const leads: [string[], number[]][] = [
  [[], []],
  [["B"], [2]],
  [
    ["B", "G"],
    [2, 3],
  ],
];

describe.each(leads)("systems with leading axes %j", (letters, extents) => {
  it.each(lengths)("of %d unknowns are solved, each for every right-hand side", (M) => {
    const inputs = { factor: drawn(M, ...extents, M, M), source: drawn(9, ...extents, M, 2) };
    const program = ofFactor(...letters);
    const { solution, matrix } = run(
      { ...program, outputs: { solution: "solution", matrix: "matrix" } },
      inputs,
    ) as { solution: Tensor; matrix: Tensor };
    const systems = extents.reduce((a, b) => a * b, 1);
    for (let s = 0; s < systems; s++)
      for (let m = 0; m < M; m++)
        for (let v = 0; v < 2; v++) {
          let product = 0;
          for (let n = 0; n < M; n++)
            product += at(matrix, (s * M + m) * M + n) * at(solution, (s * M + n) * 2 + v);
          expect(Math.abs(product - at(inputs.source, (s * M + m) * 2 + v))).toBeLessThan(1e-12);
        }
  });

  it.each(lengths)("of %d unknowns have the gradient that differences show", (M) => {
    const inputs = { factor: drawn(M, ...extents, M, M), source: drawn(9, ...extents, M, 2) };
    const program = ofFactor(...letters);
    const d_solution = drawn(4, ...extents, M, 2);
    const first = gradient(program, ["solution"], ["factor", "source"]);
    const second = gradient(first, ["d_factor"], ["factor", "source"]);
    expect([faults(first), faults(second)]).toEqual([[], []]);
    const gradients = run(first, { ...inputs, d_solution });
    for (const name of ["factor", "source"] as const) {
      const direction = drawn(17, ...inputs[name].shape);
      const moved = (h: number): number => {
        const data = Float64Array.from(inputs[name].data, (x, k) => x + h * at(direction, k));
        const next = { ...inputs, [name]: { ...inputs[name], data } };
        return dot(run(program, next)["solution"] as Tensor, d_solution);
      };
      const numeric = (moved(1e-5) - moved(-1e-5)) / 2e-5;
      const exact = dot(gradients[`d_${name}`] as Tensor, direction);
      expect(Math.abs(numeric - exact) / (1 + Math.abs(numeric))).toBeLessThan(1e-8);
    }
  });
});

describe("a matrix that has no Cholesky factor", () => {
  const one: Tensor = { data: Float64Array.of(1, 1), shape: [2, 1] };
  const two = (...data: number[]): Tensor => ({ data: Float64Array.from(data), shape: [2, 2] });

  it.each<[string, Tensor, string]>([
    ["that is indefinite", two(1, 2, 2, 1), "a pivot of 0.0 in row 1 of 2"],
    ["that repeats a row", two(1, 1, 1, 1), "a pivot of 0.0 in row 1 of 2"],
    ["that is definite by less than rounding", two(1, 1, 1, 1 + 2 ** -52), "in row 1 of 2"],
    ["that keeps fewer than three digits", two(1, 1, 1, 1 + 1e-13), "in row 1 of 2"],
    ["that has a negative diagonal", two(-1, 0, 0, 1), "-1.0 on the diagonal in row 0"],
    ["that overflows", two(Number.POSITIVE_INFINITY, 0, 0, 1), "a pivot of Infinity in row 0"],
    ["that is not symmetric", two(2, 1, 0, 2), "not symmetric"],
    ["that has NaN", two(1, Number.NaN, Number.NaN, 1), "NaN"],
  ])("%s is refused with not_positive_definite", (_, matrix, text) => {
    const solved = (): unknown => run(plain(), { matrix, source: one });
    expect(solved).toThrow("not_positive_definite");
    expect(solved).toThrow(text);
  });

  it.each<[string, Tensor]>([
    ["of large off-diagonals", two(2, 1, 1 + 2 ** -50, 2)],
    ["of off-diagonals that cancel to rounding", two(1, 3e-17, -4e-17, 1)],
  ])("but not one that rounding %s leaves asymmetric", (_, matrix) => {
    const { solution } = run(plain(), { matrix, source: one });
    const [a, b] = [at(matrix, 0), at(matrix, 1)];
    for (const k of [0, 1]) expect(at(solution as Tensor, k)).toBeCloseTo(1 / (a + b), 14);
  });

  it("is named by its index in every leading axis", () => {
    const data = new Float64Array(6).fill(1);
    data[4] = 0;
    const inputs = {
      matrix: { data, shape: [2, 3, 1, 1] },
      source: { data: new Float64Array(6), shape: [2, 3, 1, 1] },
    };
    expect(() => run(plain("B", "G"), inputs)).toThrow("system B = 1, G = 1");
  });
});

it("nothing is solved where there are no unknowns, right-hand sides or systems", () => {
  for (const [B, M, V] of [
    [0, 2, 2],
    [2, 0, 2],
    [2, 2, 0],
  ] as const) {
    const inputs = { matrix: drawn(1, B, M, M), source: drawn(1, B, M, V) };
    const { solution } = run(plain("B"), inputs);
    expect(solution?.shape).toEqual([B, M, V]);
    expect(solution?.data.length).toBe(0);
  }
});
