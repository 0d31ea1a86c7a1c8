import {
  blocks,
  causal,
  complete,
  cross,
  type EdgeModel,
  edges,
  type Graph,
  given,
  hard,
  intersection,
  probabilistic,
  rotary,
  scaledDot,
  union,
  window,
  withoutSelf,
} from "edgewise";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { posteriorExpectation, prepare } from "../inDouble.ts";
import { single } from "../near.ts";
import { at, type Drawn, drawn, inputsOf, modelOf, nested, runs } from "./cases.ts";

describe("I34: nothing leaks through a mask", () => {
  const check = (claim: string, holds: (of: Drawn, far: number) => Promise<void>): void =>
    test(claim, async () => {
      const noise = fc.constantFrom(1e-3, 7, -1e6, 1e150);
      await fc.assert(fc.asyncProperty(drawn(50), noise, holds), runs);
    });

  check("nodes off a row's support change no bit of the row", async (of, far) => {
    const attend = await modelOf(of);
    const inputs = inputsOf(of);
    const M = of.value.length;
    const before = nested(attend.sync(inputs), M);
    for (const i of of.score.keys()) {
      // Every node that row i does not see gets another key and another value.
      const changed = (name: string, by: number) => {
        const { data, shape } = inputs[name] ?? single([[]]);
        const width = shape.at(-1) ?? 1;
        const moved = Float64Array.from(data, (x, k) =>
          of.mask[i]?.[Math.floor(k / width)] ? x : x + by,
        );
        return { data: moved, shape };
      };
      // Rows that do see these nodes must stay finite: only values go far.
      const key = changed("key", 0.5);
      const after = nested(attend.sync({ ...inputs, key, value: changed("value", far) }), M);
      for (const name of ["posterior", "expectation", "logEvidence", "entropy"] as const)
        expect(after[name][i]).toEqual(before[name][i]);
    }
  });

  check("other receivers change no bit of a row", async (of, far) => {
    const attend = await modelOf(of);
    const M = of.value.length;
    const before = nested(attend.sync(inputsOf(of)), M);
    for (const i of of.score.keys()) {
      const score = of.score.map((row, r) => (r === i ? row : row.map((s) => s / 2 + far / 1e150)));
      const sent = of.sent.map((row) => row.map(() => far));
      const after = nested(attend.sync(inputsOf({ ...of, score, sent })), M);
      for (const name of ["posterior", "expectation", "logEvidence", "entropy"] as const)
        expect(after[name][i]).toEqual(before[name][i]);
    }
  });

  const models: [claim: string, (graph: Graph) => EdgeModel][] = [
    ["exact inference", (graph) => cross({ graph, prior: given() })],
    ["rotary positions", (graph) => rotary({ graph, prior: given() })],
    ["kept edges", (graph) => hard({ graph, prior: given(), choose: "top", count: 2 })],
    ["draws", (graph) => hard({ graph, prior: given(), choose: "samples", count: 3 })],
    ["senders that choose", (graph) => cross({ graph, prior: given(), chooser: "sender" })],
    ["a mixture", (graph) => probabilistic({ graph, prior: given() })],
  ];
  for (const [claim, model] of models)
    for (const how of ["graph", "prior"] as const)
      test(`${claim}: a node that the ${how} leaves out may hold anything, 1e308 included`, async () => {
        const property = fc.asyncProperty(drawn(5), async (of) => {
          const [N, M] = [of.score.length, of.value.length];
          const score = of.score.map((row) => row.map((s) => s / 5));
          const width = (rows: number[][]) => rows.map((row) => [...row, ...row].slice(0, 2));
          const pairs = of.mask.flatMap((row, i) =>
            row.flatMap((on, j): [number, number][] => (on && j !== 0 ? [[i, j]] : [])),
          );
          const asGraph = how === "graph";
          const attend = await prepare(model(asGraph ? edges(pairs) : complete()));
          const log_prior = single(
            of.logPrior.map((row, i) =>
              row.map((b, j) =>
                asGraph || (of.mask[i]?.[j] && j !== 0) ? b : Number.NEGATIVE_INFINITY,
              ),
            ),
          );
          const run = (first: number) => {
            const key = of.value.map((_, j) => [at(score[j % N], 0), (j % 3) / 2]);
            const value = of.value.map((row, j) => (j === 0 ? [first, -first] : row));
            const keys = key.map((row, j) => (j === 0 ? [first, first] : row));
            const inputs = { query: single(width(score)), key: single(keys), value: single(value) };
            return attend.sync({ ...inputs, log_prior }, { seed: 3 });
          };
          const { info: _, ...before } = run(1);
          const { info: __, ...after } = run(1e308);
          expect(M).toBeGreaterThan(0);
          for (const name of Object.keys(before) as (keyof typeof before)[]) {
            const [a, b] = [[...(before[name]?.data ?? [])], [...(after[name]?.data ?? [])]];
            expect(b.some(Number.isNaN)).toBe(false);
            expect(b).toEqual(a);
          }
        });
        await fc.assert(property, runs);
      });
});

interface Declared {
  readonly graph: Graph;
  /** Written by hand: whether receiver i at position p may see sender j. */
  readonly admits: (i: number, p: number, j: number) => boolean;
}

const small = fc.integer({ min: -2, max: 4 });
const { declared } = fc.letrec<{ declared: Declared }>((tie) => ({
  declared: fc.oneof(
    { maxDepth: 2 },
    fc.constant({ graph: complete(), admits: () => true }),
    fc.constant({ graph: causal(), admits: (_: number, p: number, j: number) => j <= p }),
    fc.constant({ graph: withoutSelf(), admits: (_: number, p: number, j: number) => j !== p }),
    fc.tuple(fc.option(small), fc.option(small)).map(([back, ahead]) => ({
      graph: window({ back, ahead }),
      admits: (_: number, p: number, j: number) =>
        (back === null || p - back <= j) && (ahead === null || j <= p + ahead),
    })),
    fc.uniqueArray(fc.tuple(fc.nat(2), fc.nat(3)), { maxLength: 8 }).map((pairs) => ({
      graph: edges(pairs),
      admits: (i: number, _: number, j: number) => pairs.some(([a, b]) => a === i && b === j),
    })),
    fc
      .tuple(
        fc.integer({ min: 1, max: 3 }),
        fc.array(fc.array(fc.nat(1), { minLength: 1, maxLength: 3 }), {
          minLength: 1,
          maxLength: 3,
        }),
      )
      .map(([size, pattern]) => ({
        graph: blocks({ size, pattern }),
        admits: (i: number, _: number, j: number) =>
          pattern[Math.floor(i / size)]?.[Math.floor(j / size)] === 1,
      })),
    fc.array(tie("declared"), { minLength: 1, maxLength: 3 }).map((parts) => ({
      graph: union(...parts.map(({ graph }) => graph)),
      admits: (i: number, p: number, j: number) => parts.some(({ admits }) => admits(i, p, j)),
    })),
    fc.array(tie("declared"), { minLength: 1, maxLength: 3 }).map((parts) => ({
      graph: intersection(...parts.map(({ graph }) => graph)),
      admits: (i: number, p: number, j: number) => parts.every(({ admits }) => admits(i, p, j)),
    })),
  ),
}));

describe("a graph admits what it says", () => {
  for (const chooser of ["receiver", "sender"] as const)
    test(`${chooser}s choose among the edges of any graph, at any offset, and no others`, async () => {
      const property = fc.asyncProperty(
        declared,
        fc.oneof(fc.integer({ min: -3, max: 4 }), fc.constant("last" as const)),
        fc.tuple(fc.integer({ min: 3, max: 5 }), fc.integer({ min: 4, max: 6 })),
        async ({ graph, admits }, offset, [N, M]) => {
          const first = offset === "last" ? M - N : offset;
          const rows = (n: number) =>
            single(Array.from({ length: n }, (_, k) => [Math.sin(k + 1)]));
          const got = await posteriorExpectation(
            cross({ graph, offset, chooser, potential: scaledDot({ scale: 1 }) }),
            { query: rows(N), key: rows(M), value: rows(M) },
            { read: ["posterior", "logEvidence"] },
          );
          const [owners, others] = chooser === "receiver" ? [N, M] : [M, N];
          let count = 0;
          for (let o = 0; o < owners; o++) {
            let any = false;
            for (let a = 0; a < others; a++) {
              const [i, j] = chooser === "receiver" ? [o, a] : [a, o];
              const admitted = admits(i, i + first, j);
              expect(at([...(got.posterior?.data ?? [])], o * others + a) > 0).toBe(admitted);
              any ||= admitted;
              count += Number(admitted);
            }
            expect(Number.isFinite(got.logEvidence?.data[o])).toBe(any);
          }
          expect(got.info.edges).toBe(count);
        },
      );
      await fc.assert(property, { ...runs, numRuns: 3 * runs.numRuns });
    });

  test("whenEmpty: throw stops at the first row without edges, and only then", async () => {
    const property = fc.asyncProperty(drawn(5), async (of) => {
      const model = cross({
        prior: given(),
        whenEmpty: "throw",
        potential: scaledDot({ scale: 1 }),
      });
      const { query, key, value, log_prior } = inputsOf({ ...of, asList: false });
      if (!query || !key || !value || !log_prior) throw new Error("four tensors");
      const answer = posteriorExpectation(model, { query, key, value, log_prior });
      const empty = of.mask.filter((row) => !row.some(Boolean)).length;
      if (empty === 0) expect((await answer).info.emptyRows).toBe(0);
      else await expect(answer).rejects.toMatchObject({ code: "empty_neighbourhood" });
    });
    await fc.assert(property, runs);
  });
});
