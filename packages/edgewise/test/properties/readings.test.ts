import { cross, edges, edgesFrom, type Inputs, scaledDot } from "edgewise";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { posteriorExpectation, prepare } from "../inDouble.ts";
import { single } from "../near.ts";
import { answerOf, at, close, type Drawn, drawn, inputsOf, nested, runs, sum } from "./cases.ts";

const check = (claim: string, holds: (of: Drawn) => Promise<void>): void =>
  test(claim, async () => {
    await fc.assert(fc.asyncProperty(drawn(50), holds), runs);
  });

const columns = [0, 1];

describe("gather", () => {
  check("I7: an expectation lies between the least and the greatest value it reads", async (of) => {
    const { expectation } = await answerOf(of);
    expectation.forEach((y, i) => {
      const read = of.value.filter((_, j) => of.mask[i]?.[j]);
      for (const c of columns) {
        const values = read.length === 0 ? [0] : read.map((v) => at(v, c));
        expect(at(y, c)).toBeGreaterThanOrEqual(Math.min(...values) - 1e-9);
        expect(at(y, c)).toBeLessThanOrEqual(Math.max(...values) + 1e-9);
      }
    });
  });

  check("the expectation is P V, scatter Pᵀ X and mass Pᵀ 1", async (of) => {
    const { posterior, expectation, scatter, mass } = await answerOf(of);
    for (const c of columns) {
      expectation.forEach((y, i) => {
        const expected = sum(of.value.map((v, j) => at(posterior[i], j) * at(v, c)));
        expect(close(at(y, c), expected, 10)).toBe(true);
      });
      scatter.forEach((z, j) => {
        const expected = sum(of.sent.map((x, i) => at(posterior[i], j) * at(x, c)));
        expect(close(at(z, c), expected, 10)).toBe(true);
      });
    }
    mass.forEach((m, j) => {
      expect(close(m, sum(posterior.map((row) => at(row, j))))).toBe(true);
    });
  });
});

describe("scatter", () => {
  check("I8: what is collected is what was sent by those who have an edge", async (of) => {
    const { scatter, mass } = await answerOf(of);
    const senders = of.sent.filter((_, i) => of.mask[i]?.some(Boolean));
    for (const c of columns) {
      const collected = sum(scatter.map((z) => at(z, c)));
      expect(close(collected, sum(senders.map((x) => at(x, c))), 50)).toBe(true);
    }
    expect(close(sum(mass), senders.length, 5)).toBe(true);
  });

  const sending = prepare(
    cross({ chooser: "sender", graph: edgesFrom(), potential: scaledDot({ scale: 1 }) }),
    { read: ["expectation", "mass", "posterior", "logEvidence", "entropy"] },
  );
  check("I8: senders that choose conserve their values, and compete by columns", async (of) => {
    const { chooser_value, log_prior, temperature, ...inputs } = inputsOf({ ...of, asList: true });
    expect([chooser_value, log_prior, temperature]).not.toContain(undefined);
    const N = of.score.length;
    const got = nested((await sending).sync(inputs), N);
    const active = of.value.filter((_, j) => of.mask.some((row) => row[j]));
    for (const c of columns) {
      const collected = sum(got.expectation.map((y) => at(y, c)));
      expect(close(collected, sum(active.map((v) => at(v, c))), 120)).toBe(true);
    }
    expect(close(sum(got.mass), active.length, 12)).toBe(true);
    // The posterior of sender j is the softmax of its column.
    got.posterior.forEach((row, j) => {
      const total = sum(of.score.map((s, i) => (of.mask[i]?.[j] ? Math.exp(at(s, j) - 50) : 0)));
      row.forEach((p, i) => {
        const expected = of.mask[i]?.[j] ? Math.exp(at(of.score[i], j) - 50) / total : 0;
        expect(close(p, expected)).toBe(true);
      });
    });
  });
});

describe("relabelling", () => {
  check("I9: relabelling senders permutes the posterior and moves no other reading", async (of) => {
    const order = of.value.map((_, j) => j).sort((a, b) => ((a * 7) % 5) - ((b * 7) % 5) || b - a);
    const pick = <T>(row: readonly T[]): T[] => order.map((j) => row[j] as T);
    const [before, after] = await Promise.all([
      answerOf(of),
      answerOf({
        ...of,
        score: of.score.map(pick),
        mask: of.mask.map(pick),
        logPrior: of.logPrior.map(pick),
        value: pick(of.value),
      }),
    ]);
    before.posterior.forEach((row, i) => {
      pick(row).forEach((p, k) => {
        expect(close(at(after.posterior[i], k), p)).toBe(true);
      });
      expect(close(at(after.logEvidence, i), at(before.logEvidence, i), 50)).toBe(true);
      expect(close(at(after.entropy, i), at(before.entropy, i), 50)).toBe(true);
      for (const c of columns)
        expect(close(at(after.expectation[i], c), at(before.expectation[i], c), 10)).toBe(true);
    });
  });

  check("I9: relabelling receivers permutes their rows, bit for bit", async (of) => {
    const [before, after] = await Promise.all([
      answerOf(of),
      answerOf({
        ...of,
        score: of.score.toReversed(),
        mask: of.mask.toReversed(),
        logPrior: of.logPrior.toReversed(),
      }),
    ]);
    for (const name of ["posterior", "expectation", "logEvidence", "entropy"] as const)
      expect(after[name].toReversed()).toEqual(before[name]);
  });

  check("I10: doubling every sender leaves expectation and evidence alone", async (of) => {
    const flat = of.logPrior.map((row) => row.map(() => 0));
    const twice = <T>(row: readonly T[]): T[] => [...row, ...row];
    const single_ = { ...of, logPrior: flat };
    const [before, after] = await Promise.all([
      answerOf(single_),
      answerOf({
        ...single_,
        score: of.score.map(twice),
        mask: of.mask.map(twice),
        logPrior: flat.map(twice),
        value: twice(of.value),
      }),
    ]);
    before.expectation.forEach((y, i) => {
      y.forEach((x, c) => {
        expect(close(at(after.expectation[i], c), x, 10)).toBe(true);
      });
      // Under joint tempering a prior of 1/2n is tempered too: T ln 2 − ln 2 more evidence.
      const extra = of.tempering === "joint" ? (of.temperature - 1) * Math.LN2 : 0;
      const expected = at(before.logEvidence, i) + extra;
      expect(close(at(after.logEvidence, i), expected, 50)).toBe(true);
    });
  });
});

test("heads are alone with their group: all at once are one at a time", async () => {
  const sizes = fc.constantFrom([1, 1], [2, 1], [2, 2], [4, 2], [6, 3], [6, 2]);
  const property = fc.asyncProperty(
    drawn(20, true),
    sizes,
    fc.integer({ min: 1, max: 2 }),
    async (of, [H = 1, G = 1], B) => {
      const N = of.score.length;
      const block = (b: number, salt: number): number[] =>
        of.score.flat().map((s, k) => s / 20 + Math.sin(1 + k + 13 * b + salt));
      const all = (count: number, salt: number) => ({
        data: Float64Array.from(Array.from({ length: B * count }, (_, b) => block(b, salt)).flat()),
        shape: [B, count, N, N],
      });
      const inputs: Inputs = { query: all(H, 1), key: all(G, 2), value: all(G, 3) };
      const pairs = of.mask.flatMap((row, i) =>
        row.flatMap((on, j): [number, number][] => (on ? [[i, j]] : [])),
      );
      const model = cross({ graph: edges(pairs) });
      const together = (await posteriorExpectation(model, inputs)).expectation?.data ?? [];
      for (let b = 0; b < B; b++)
        for (let h = 0; h < H; h++) {
          const group = b * G + Math.floor((h * G) / H);
          const one = (block_: number[]) => ({
            data: Float64Array.from(block_),
            shape: [1, 1, N, N],
          });
          const alone = await posteriorExpectation(model, {
            query: one(block(b * H + h, 1)),
            key: one(block(group, 2)),
            value: one(block(group, 3)),
          });
          const size = N * N;
          const from = (b * H + h) * size;
          expect([...together].slice(from, from + size)).toEqual([
            ...(alone.expectation?.data ?? []),
          ]);
        }
    },
  );
  await fc.assert(property, runs);
});

test("arrays of single precision are read as the numbers that they hold", async () => {
  const property = fc.asyncProperty(drawn(50), async (of) => {
    const rounded = { ...of, score: of.score.map((row) => row.map(Math.fround)) };
    const inputs = inputsOf(rounded);
    const query = inputs["query"] ?? single(of.score);
    const narrow = { ...query, data: Float32Array.from(query.data) };
    const attend = await prepare(cross());
    const plain = { query, key: inputs["key"] ?? query, value: inputs["value"] ?? query };
    expect(attend.sync({ ...plain, query: narrow }).expectation?.data).toEqual(
      attend.sync(plain).expectation?.data,
    );
  });
  await fc.assert(property, runs);
});
