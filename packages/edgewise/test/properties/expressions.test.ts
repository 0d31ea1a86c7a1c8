import { cross, expression, scaledDot, scored, tensor } from "edgewise";
import fc from "fast-check";
import { expect, test } from "vitest";
import { posteriorExpectation } from "../inDouble.ts";
import { single } from "../near.ts";
import { at, close, lse, matrix, runs } from "./cases.ts";

/** Where an expression is taken. */
interface Edge {
  readonly i: number;
  readonly j: number;
  readonly N: number;
  readonly M: number;
  readonly score: number;
  readonly u: readonly number[];
  readonly t: readonly (readonly number[])[];
}

/** A text, and what it means as a plain function. */
interface Spoken {
  readonly text: string;
  readonly means: (e: Edge) => number;
}

const spoken = (withScore: boolean): fc.Arbitrary<Spoken> => {
  const numeral = fc
    .integer({ min: -30, max: 30 })
    .map((n): Spoken => ({ text: String(n / 10), means: () => n / 10 }));
  const name = fc.constantFrom<Spoken>(
    { text: "i", means: ({ i }) => i },
    { text: "j", means: ({ j }) => j },
    { text: "N", means: ({ N }) => N },
    { text: "M", means: ({ M }) => M },
    { text: "u[j]", means: ({ u, j }) => at(u, j) },
    { text: "t[i, M - 1 - j]", means: ({ t, i, j, M }) => at(t[i], M - 1 - j) },
    { text: "(head + batch)", means: () => 0 },
    ...(withScore ? [{ text: "score", means: ({ score }: Edge) => score }] : []),
  );
  const { number } = fc.letrec<{ number: Spoken; truth: Spoken }>((tie) => ({
    number: fc.oneof(
      { maxDepth: 4 },
      name,
      numeral,
      fc.tuple(tie("number"), fc.constantFrom("+", "-", "*"), tie("number")).map(
        ([a, op, b]): Spoken => ({
          text: `(${a.text} ${op} ${b.text})`,
          means: (e) => {
            const [x, y] = [a.means(e), b.means(e)];
            return op === "+" ? x + y : op === "-" ? x - y : x * y;
          },
        }),
      ),
      tie("number").map((a): Spoken => ({ text: `-(${a.text})`, means: (e) => -a.means(e) })),
      fc.tuple(fc.constantFrom("abs", "tanh", "floor"), tie("number")).map(
        ([f, a]): Spoken => ({
          text: `${f}(${a.text})`,
          means: (e) => Math[f as "abs"](a.means(e)),
        }),
      ),
      tie("number").map(
        (a): Spoken => ({
          text: `(sqrt(abs(${a.text})) + log(1 + abs(${a.text})) - exp(-abs(${a.text})))`,
          means: (e) => {
            const x = Math.abs(a.means(e));
            return Math.sqrt(x) + Math.log(1 + x) - Math.exp(-x);
          },
        }),
      ),
      fc.tuple(fc.constantFrom("min", "max"), tie("number"), tie("number")).map(
        ([f, a, b]): Spoken => ({
          text: `${f}(${a.text}, ${b.text})`,
          means: (e) => Math[f as "min"](a.means(e), b.means(e)),
        }),
      ),
      fc.tuple(tie("number"), fc.constantFrom(2, 3, -2)).map(
        ([a, b]): Spoken => ({
          text: `(mod(floor(${a.text}), ${b}) / ${b})`,
          means: (e) => {
            const x = Math.floor(a.means(e));
            return (x - b * Math.floor(x / b)) / b;
          },
        }),
      ),
      fc.tuple(tie("truth"), tie("number"), tie("number")).map(
        ([c, a, b]): Spoken => ({
          text: `where(${c.text}, ${a.text}, ${b.text})`,
          means: (e) => (c.means(e) !== 0 ? a.means(e) : b.means(e)),
        }),
      ),
    ),
    truth: fc.oneof(
      { maxDepth: 3 },
      fc.tuple(name, fc.constantFrom("<", "<=", ">", ">=", "==", "!="), numeral).map(
        ([a, op, b]): Spoken => ({
          text: `${a.text} ${op} ${b.text}`,
          means: (e) => Number(compare(op, a.means(e), b.means(e))),
        }),
      ),
      fc.tuple(tie("truth"), fc.constantFrom("&&", "||"), tie("truth")).map(
        ([a, op, b]): Spoken => ({
          text: `(${a.text}) ${op} (${b.text})`,
          means: (e) => {
            const [x, y] = [a.means(e) !== 0, b.means(e) !== 0];
            return Number(op === "&&" ? x && y : x || y);
          },
        }),
      ),
      tie("truth").map(
        (a): Spoken => ({
          text: `!(${a.text})`,
          means: (e) => Number(a.means(e) === 0),
        }),
      ),
    ),
  }));
  return number;
};

function compare(op: string, x: number, y: number): boolean {
  switch (op) {
    case "<":
      return x < y;
    case "<=":
      return x <= y;
    case ">":
      return x > y;
    case ">=":
      return x >= y;
    case "==":
      return x === y;
    default:
      return x !== y;
  }
}

test("any text is the arithmetic that it says, in a prior and in a potential", async () => {
  const [N, M] = [3, 4];
  const property = fc.asyncProperty(
    fc.tuple(spoken(false), spoken(true)),
    fc.tuple(matrix(1, M, 3), matrix(N, M, 3), matrix(N, M, 2)),
    fc.array(fc.boolean(), { minLength: 16, maxLength: 16 }),
    async ([prior, potential], [[u = []], t, score], cut) => {
      // Nested products grow without end: tanh keeps what is compared in reach of 1e-10.
      const model = cross({
        prior: expression(
          `where(cut[i, j] > 0, 4 * tanh((${prior.text}) / 10) + 0 * u[j] + 0 * t[i, j], forbidden)`,
        ),
        potential: scored(
          `5 * tanh((${potential.text}) / 10) + 0 * u[j] * t[i, j]`,
          scaledDot({ scale: 1 }),
        ),
      });
      const unit = u.map((_, j) => u.map((__, d) => Number(d === j)));
      const allowed = t.map((row, i) => row.map((_, j) => Number(cut[4 * i + j])));
      const got = await posteriorExpectation(
        model,
        {
          query: single(score),
          key: single(unit),
          value: single(unit),
          u: tensor(u),
          t: tensor(t),
          cut: tensor(allowed),
        },
        { read: ["posterior", "logEvidence"] },
      );
      for (let i = 0; i < N; i++) {
        const index = [...u.keys()].filter((j) => cut[4 * i + j]);
        const edge = (j: number): Edge => ({ i, j, N, M, score: at(score[i], j), u, t });
        const beliefs = index.map((j) => 4 * Math.tanh(prior.means(edge(j)) / 10));
        const w = index.map(
          (j, k) => at(beliefs, k) + 5 * Math.tanh(potential.means(edge(j)) / 10),
        );
        index.forEach((j, k) => {
          const expected = Math.exp(at(w, k) - lse(w));
          expect(close(got.posterior?.data[M * i + j] ?? Number.NaN, expected)).toBe(true);
        });
        const evidence = index.length === 0 ? Number.NEGATIVE_INFINITY : lse(w) - lse(beliefs);
        expect(close(got.logEvidence?.data[i] ?? Number.NaN, evidence)).toBe(true);
      }
    },
  );
  await fc.assert(property, { ...runs, numRuns: 4 * runs.numRuns });
});
