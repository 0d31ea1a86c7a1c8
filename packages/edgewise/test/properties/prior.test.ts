import {
  cross,
  distanceDecay,
  given,
  perOffset,
  product,
  rotary,
  scaledDot,
  scored,
  tensor,
  window,
} from "edgewise";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { posteriorExpectation, prepare } from "../inDouble.ts";
import { single } from "../near.ts";
import {
  answerOf,
  at,
  close,
  type Drawn,
  drawn,
  inputsOf,
  lse,
  matrix,
  mean,
  nested,
  readings,
  runs,
  supportOf,
} from "./cases.ts";

const check = (claim: string, holds: (of: Drawn) => Promise<void>): void =>
  test(claim, async () => {
    await fc.assert(fc.asyncProperty(drawn(50), holds), runs);
  });
const flat = (of: Drawn): Drawn => ({
  ...of,
  logPrior: of.logPrior.map((row) => row.map(() => 0)),
});

describe("temperature", () => {
  check(
    "I11: towards 0 the posterior sits on the greatest score (and prior, if joint)",
    async (of) => {
      const { posterior, logEvidence } = await answerOf({ ...of, temperature: 1e-7 });
      of.score.forEach((_, i) => {
        const { index, score, logPrior } = supportOf(of, i);
        const joint = score.map((s, k) => (of.tempering === "joint" ? s + at(logPrior, k) : s));
        const order = joint.toSorted((a, b) => b - a);
        if (index.length === 0) return;
        expect(Math.abs(at(logEvidence, i) - at(order, 0))).toBeLessThanOrEqual(1e-5);
        // A lead of 1e-4 is 1000 nats at this temperature.
        if (order.length > 1 && at(order, 0) - at(order, 1) < 1e-4) return;
        expect(at(posterior[i], at(index, joint.indexOf(at(order, 0))))).toBe(1);
      });
    },
  );

  check("I11: towards infinity it is the prior, or flat on the support if joint", async (of) => {
    const { posterior } = await answerOf({ ...of, temperature: 1e13 });
    of.score.forEach((_, i) => {
      const { index, logPrior } = supportOf(of, i);
      index.forEach((j, k) => {
        const expected = of.tempering === "joint" ? 1 / index.length : Math.exp(at(logPrior, k));
        expect(close(at(posterior[i], j), expected)).toBe(true);
      });
    });
  });

  check("I11: under a uniform prior both temperings have one posterior", async (of) => {
    const [a, b] = await Promise.all([
      answerOf({ ...flat(of), tempering: "likelihood" }),
      answerOf({ ...flat(of), tempering: "joint" }),
    ]);
    a.posterior.forEach((row, i) => {
      row.forEach((p, j) => {
        expect(close(p, at(b.posterior[i], j))).toBe(true);
      });
    });
  });

  check("I11: evidence does not rise with temperature, from max s to E_π[s]", async (of) => {
    const likelihood: Drawn = { ...of, tempering: "likelihood" };
    const answers = await Promise.all(
      [1, 1.7, 30].map((factor) =>
        answerOf({ ...likelihood, temperature: of.temperature * factor }),
      ),
    );
    of.score.forEach((_, i) => {
      const { index, score, logPrior } = supportOf(of, i);
      if (index.length === 0) return;
      const [cold, warm, hot] = answers.map(({ logEvidence }) => at(logEvidence, i));
      const bounds = [Math.max(...score), cold, warm, hot, mean(logPrior.map(Math.exp), score)];
      for (let k = 1; k < bounds.length; k++)
        expect(bounds[k]).toBeLessThanOrEqual((bounds[k - 1] ?? Number.NaN) + 1e-8);
    });
  });

  check("temperature T is scores divided by T, its evidence T times theirs", async (of) => {
    const T = of.temperature;
    const divided = of.score.map((row) => row.map((s) => s / T));
    const [tempered, plain] = await Promise.all([
      answerOf({ ...of, tempering: "likelihood" }),
      answerOf({ ...of, tempering: "likelihood", temperature: 1, score: divided }),
    ]);
    plain.logEvidence.forEach((evidence, i) => {
      expect(close(at(tempered.logEvidence, i), T * evidence, 50)).toBe(true);
      expect(close(at(tempered.entropy, i), at(plain.entropy, i), 200)).toBe(true);
    });
  });
});

describe("I13: a bias is a prior that was not normalised", () => {
  const biased = prepare(
    cross({ potential: scored("score + bias[i, j]", scaledDot({ scale: 1 })), prior: given() }),
    { read: readings },
  );
  check("posteriors are equal, evidences differ by the bias's normaliser", async (of) => {
    const plain: Drawn = { ...of, temperature: 1, asList: false };
    const { temperature, log_prior, ...inputs } = inputsOf(flat(plain));
    expect(temperature).toBeDefined();
    const bias = tensor(plain.logPrior);
    const attend = await biased;
    const a = nested(
      attend.sync({ ...inputs, log_prior: log_prior ?? bias, bias }),
      of.value.length,
    );
    const b = await answerOf(plain);
    b.posterior.forEach((row, i) => {
      row.forEach((p, j) => {
        expect(close(at(a.posterior[i], j), p)).toBe(true);
      });
      const { index } = supportOf(of, i);
      if (index.length === 0) return;
      const normaliser = lse(index.map((j) => at(of.logPrior[i], j))) - Math.log(index.length);
      expect(close(at(a.logEvidence, i) - normaliser, at(b.logEvidence, i), 50)).toBe(true);
    });
  });

  check("a constant added to a row's log prior moves nothing", async (of) => {
    const shifted = of.logPrior.map((row, i) => row.map((b) => b + 100 * (i + 1)));
    const [a, b] = await Promise.all([answerOf(of), answerOf({ ...of, logPrior: shifted })]);
    a.posterior.forEach((row, i) => {
      row.forEach((p, j) => {
        expect(close(p, at(b.posterior[i], j), 500)).toBe(true);
      });
      expect(close(at(a.logEvidence, i), at(b.logEvidence, i), 500)).toBe(true);
    });
  });

  check("removing an edge is the limit of its log prior going to −∞", async (of) => {
    const withOne = of.mask.map((row) => row.map((on, j) => on || j === 0));
    const cut = withOne.map((row) => row.map((on, j) => on && j !== 0));
    const far = of.logPrior.map((row) => [-800, ...row.slice(1)]);
    const likelihood: Drawn = { ...of, tempering: "likelihood", temperature: 1 };
    const [a, b] = await Promise.all([
      answerOf({ ...likelihood, mask: withOne, logPrior: far }),
      answerOf({ ...likelihood, mask: cut }),
    ]);
    a.posterior.forEach((row, i) => {
      // A row that has no other edge keeps this one, however improbable.
      if (!cut[i]?.some(Boolean)) return;
      row.forEach((p, j) => {
        expect(close(p, at(b.posterior[i], j), 800)).toBe(true);
      });
      expect(close(at(a.logEvidence, i), at(b.logEvidence, i), 800)).toBe(true);
    });
  });
});

describe("I14: relative positions do not notice where the sequence starts", () => {
  const table = product(perOffset(), distanceDecay({ slope: 0.3 }), given());
  const models = [
    ["a prior by offset and a slope", cross({ prior: table }), cross({ prior: table, offset: 3 })],
    [
      "a window",
      cross({ prior: table, graph: window({ back: 2, ahead: 1 }) }),
      cross({ prior: table, graph: window({ back: 2, ahead: 1 }), offset: 3 }),
    ],
    [
      "rotary positions",
      rotary({ prior: table, base: 50 }),
      rotary({ prior: table, base: 50, offset: 3 }),
    ],
  ] as const;
  for (const [claim, atStart, later] of models)
    test(claim, async () => {
      const sizes = fc.integer({ min: 1, max: 6 });
      const property = fc.asyncProperty(
        sizes.chain((n) => fc.tuple(matrix(n, 4, 3), matrix(n, 4, 3), matrix(n + 3, 4, 3))),
        async ([query, key, other]) => {
          const n = query.length;
          const offsets = Array.from({ length: 2 * n - 1 }, (_, k) => Math.sin(3 * k));
          const read = ["posterior", "logEvidence"] as const;
          const zeros = query.map(() => key.map(() => 0));
          const gone = [0, 0, 0].map(() => Number.NEGATIVE_INFINITY);
          const a = await posteriorExpectation(
            atStart,
            {
              query: single(query),
              key: single(key),
              value: single(key),
              relative_prior: tensor([offsets]),
              log_prior: single(zeros),
            },
            { read },
          );
          // Three nodes stand in front, out of reach; the table is by bare indices.
          const longer = [...other.slice(0, 3), ...key];
          const b = await posteriorExpectation(
            later,
            {
              query: single(query),
              key: single(longer),
              value: single(longer),
              relative_prior: tensor([[9, 9, 9, ...offsets]]),
              log_prior: single(zeros.map((row) => [...gone, ...row])),
            },
            { read },
          );
          const [p, q] = [[...(a.posterior?.data ?? [])], [...(b.posterior?.data ?? [])]];
          p.forEach((x, k) => {
            const [i, j] = [Math.floor(k / n), k % n];
            expect(close(at(q, i * (n + 3) + 3 + j), x)).toBe(true);
          });
          [...(a.logEvidence?.data ?? [])].forEach((x, i) => {
            expect(close(at([...(b.logEvidence?.data ?? [])], i), x, 50)).toBe(true);
          });
        },
      );
      await fc.assert(property, runs);
    });
});
