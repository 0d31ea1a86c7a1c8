import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { single } from "../near.ts";
import {
  answerOf,
  at,
  close,
  type Drawn,
  drawn,
  inputsOf,
  lse,
  mean,
  modelOf,
  runs,
  sum,
  supportOf,
} from "./cases.ts";

/** log weights of a row's edges whose softmax is the posterior (docs/mathematics.md, 2.4). */
function logWeights(of: Drawn, i: number): number[] {
  const { score, logPrior } = supportOf(of, i);
  const { temperature: T, tempering } = of;
  return score.map((s, k) =>
    tempering === "joint" ? (s + at(logPrior, k)) / T : s / T + at(logPrior, k),
  );
}

const rowsOf = (of: Drawn): number[] => of.score.map((_, i) => i);

for (const bound of [50, 1e4])
  describe(`for scores up to ${bound}`, () => {
    const check = (claim: string, holds: (of: Drawn) => Promise<void>): void =>
      test(claim, async () => {
        await fc.assert(fc.asyncProperty(drawn(bound), holds), runs);
      });

    check("I1: rows of the posterior are distributions on the support, 0 off it", async (of) => {
      const { posterior } = await answerOf(of);
      for (const i of rowsOf(of)) {
        const row = posterior[i] ?? [];
        const some = of.mask[i]?.some(Boolean);
        expect(close(sum(row), some ? 1 : 0)).toBe(true);
        row.forEach((p, j) => {
          expect(p).toBeGreaterThanOrEqual(0);
          if (!of.mask[i]?.[j]) expect(p).toBe(0);
        });
      }
    });

    check("the posterior is the softmax of prior and tempered score", async (of) => {
      const { posterior } = await answerOf(of);
      for (const i of rowsOf(of)) {
        const w = logWeights(of, i);
        const total = lse(w);
        supportOf(of, i).index.forEach((j, k) => {
          expect(close(at(posterior[i], j), Math.exp(at(w, k) - total))).toBe(true);
        });
      }
    });

    check("I2: evidence is T lse, finite, and its variational bound is attained", async (of) => {
      const { posterior, logEvidence } = await answerOf(of);
      const T = of.temperature;
      for (const i of rowsOf(of)) {
        const { index, score, logPrior } = supportOf(of, i);
        const evidence = at(logEvidence, i);
        if (index.length === 0) {
          expect(evidence).toBe(Number.NEGATIVE_INFINITY);
          continue;
        }
        expect(Number.isFinite(evidence)).toBe(true);
        expect(close(evidence, T * lse(logWeights(of, i)), bound)).toBe(true);
        const p = index.map((j) => at(posterior[i], j));
        const logs = p.map((x) => (x === 0 ? 0 : Math.log(x)));
        const bare =
          of.tempering === "likelihood"
            ? mean(p, score) - T * (mean(p, logs) - mean(p, logPrior))
            : mean(p, score) + mean(p, logPrior) - T * mean(p, logs);
        expect(close(evidence, bare, bound)).toBe(true);
      }
    });

    check("I3: entropy lies between 0 and ln |Φ| and closes the books", async (of) => {
      const { posterior, logEvidence, entropy } = await answerOf(of);
      const T = of.temperature;
      for (const i of rowsOf(of)) {
        const { index, score, logPrior } = supportOf(of, i);
        const h = at(entropy, i);
        if (index.length === 0) {
          expect(h).toBe(0);
          continue;
        }
        expect(h).toBeGreaterThanOrEqual(0);
        expect(h).toBeLessThanOrEqual(Math.log(index.length) + 1e-10 * Math.max(1, bound));
        const p = index.map((j) => at(posterior[i], j));
        const prior = mean(p, logPrior);
        const books =
          of.tempering === "likelihood"
            ? (at(logEvidence, i) - mean(p, score)) / T - prior
            : (at(logEvidence, i) - mean(p, score) - prior) / T;
        expect(close(h, books, bound)).toBe(true);
        const direct = -sum(p.map((x) => (x === 0 ? 0 : x * Math.log(x))));
        expect(close(h, direct, bound)).toBe(true);
      }
    });

    check("I4: adding c to a row's scores moves its evidence by c and nothing else", async (of) => {
      const before = await answerOf(of);
      const shift = rowsOf(of).map((i) => 37.5 * (i + 1) * (i % 2 === 0 ? 1 : -1));
      const score = of.score.map((row, i) => row.map((s) => s + at(shift, i)));
      const after = await answerOf({ ...of, score });
      for (const i of rowsOf(of)) {
        const moved = at(before.logEvidence, i) + at(shift, i);
        expect(close(at(after.logEvidence, i), moved, bound)).toBe(true);
        expect(close(at(after.entropy, i), at(before.entropy, i), bound)).toBe(true);
        after.posterior[i]?.forEach((p, j) => {
          expect(close(p, at(before.posterior[i], j))).toBe(true);
        });
        after.expectation[i]?.forEach((y, c) => {
          expect(close(y, at(before.expectation[i], c), 10)).toBe(true);
        });
      }
    });

    check("I5: the gradient of evidence by scores is the posterior", async (of) => {
      const { posterior } = await answerOf(of);
      const attend = await modelOf(of);
      const ones = of.score.map((_, i) => i + 1);
      const gradient = attend.gradientSync(inputsOf(of), {
        logEvidence: { data: Float64Array.from(ones), shape: [1, 1, ones.length] },
      });
      posterior.forEach((row, i) => {
        row.forEach((p, j) => {
          const got = at([...(gradient["query"]?.data ?? [])], i * row.length + j);
          expect(close(got, (i + 1) * p)).toBe(true);
        });
      });
    });

    check("I5: the gradient of the expectation is P (v − y) by scores, P by values", async (of) => {
      const { posterior, expectation } = await answerOf(of);
      const attend = await modelOf(of);
      const g = of.sent;
      const gradient = attend.gradientSync(inputsOf(of), { expectation: single(g) });
      const [byScore, byValue] = ["query", "value"].map((n) => [...(gradient[n]?.data ?? [])]);
      posterior.forEach((row, i) => {
        row.forEach((p, j) => {
          const along = sum(
            [0, 1].map((c) => at(g[i], c) * (at(of.value[j], c) - at(expectation[i], c))),
          );
          const got = at(byScore, i * row.length + j);
          expect(close(got, (p * along) / of.temperature, 200 / of.temperature)).toBe(true);
        });
      });
      of.value.forEach((_, j) => {
        for (const c of [0, 1]) {
          const expected = sum(posterior.map((row, i) => at(row, j) * at(g[i], c)));
          expect(close(at(byValue, 2 * j + c), expected, 10)).toBe(true);
        }
      });
    });
  });

test("I6: every other distribution r falls short of the evidence by T KL(r ‖ P)", async () => {
  const property = fc.asyncProperty(
    drawn(50),
    fc.integer({ min: 1, max: 1e6 }),
    async (of, salt) => {
      const { posterior, logEvidence } = await answerOf({ ...of, tempering: "likelihood" });
      const T = of.temperature;
      for (const i of rowsOf(of)) {
        const { index, score, logPrior } = supportOf(of, i);
        if (index.length < 2) continue;
        const raw = index.map((j) => 1 + ((salt * (j + 3) * 7919) % 101));
        const r = raw.map((x) => x / sum(raw));
        const kl = sum(r.map((x, k) => x * (Math.log(x) - at(logPrior, k))));
        const bound = mean(r, score) - T * kl;
        const gap = sum(r.map((x, k) => x * Math.log(x / at(posterior[i], at(index, k)))));
        expect(close(at(logEvidence, i) - bound, T * gap, 400)).toBe(true);
        if (gap > 1e-6) expect(bound).toBeLessThan(at(logEvidence, i));
      }
    },
  );
  await fc.assert(property, runs);
});
