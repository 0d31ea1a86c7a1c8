/** Invariants I24 to I28, and the numbers that were measured for the specification (7.2, 7.3, 7.5). */
import betaln from "@stdlib/math-base-special-betaln";
import digamma from "@stdlib/math-base-special-digamma";
import {
  causal,
  distanceDecay,
  type ExpandingOptions,
  expanding,
  geometric,
  type Inputs,
  relative,
  scaledDot,
  self,
  type Tensor,
} from "edgewise";
import { describe, expect, test } from "vitest";
import { betaGeometricPrior, geometricPrior, posteriorOf } from "../enumeration/expanding.ts";
import { posteriorExpectation } from "../inDouble.ts";
import { near } from "../near.ts";
import { at, random, the } from "../random.ts";

const sum = (of: readonly number[]): number => of.reduce((a, b) => a + b, 0);

/** Sequences whose last query has given scores by distance: query 1 and keys that are the scores. */
function planted(scores: readonly (readonly number[])[]): Inputs {
  const [B, N] = [scores.length, scores[0]?.length ?? 0];
  const filled = (of: (b: number, j: number) => number): Tensor => ({
    data: Float64Array.from({ length: B * N }, (_, k) => of(Math.floor(k / N), k % N)),
    shape: [B, 1, N, 1],
  });
  return {
    query: filled(() => 1),
    key: filled((b, j) => at(scores[b] ?? [], N - 1 - j)),
    value: filled((_, j) => j),
  };
}

/** A reading of the last query of each sequence. */
async function last(
  scores: readonly (readonly number[])[],
  options: ExpandingOptions,
  reading: string,
): Promise<number[]> {
  const model = expanding({ potential: scaledDot({ scale: 1 }), ...options });
  const got = await posteriorExpectation(model, planted(scores), { read: [reading] });
  const N = scores[0]?.length ?? 0;
  const { data } = got[reading] as Tensor;
  return scores.map((_, b) => at(data, b * N + N - 1));
}

const random300 = (seed: number, n = 40, spread = 2): number[][] => {
  const rng = random(seed);
  return Array.from({ length: 300 }, () => [...rng.normal([n], spread * rng.next()).data]);
};

const [alpha, beta] = [2, 6];
const logLikelihood = (s: readonly number[], q: number): number =>
  Math.log(sum(s.map((x, h) => Math.exp(x) * (1 - q) * q ** h)));

/** (7.1), with the posterior over distances that is the best under the belief. */
function evidenceBound(s: readonly number[], a: number, b: number): number {
  const [logQ, logStop] = [digamma(b) - digamma(a + b), digamma(a) - digamma(a + b)];
  const weight = s.map((x, h) => Math.exp(x + h * logQ));
  const p = weight.map((w) => w / sum(weight));
  const entropy = -sum(p.map((x) => (x > 0 ? x * Math.log(x) : 0)));
  const mean = sum(p.map((x, h) => x * h));
  const divergence =
    betaln(alpha, beta) -
    betaln(a, b) +
    (a - alpha) * digamma(a) +
    (b - beta) * digamma(b) +
    (alpha - a + beta - b) * digamma(a + b);
  return sum(p.map((x, h) => x * at(s, h))) + mean * logQ + logStop + entropy - divergence;
}

describe("I24: 300 random score vectors, 12 updates: no update lowers its objective", () => {
  const objectives = {
    "plugin-reset": (s: readonly number[], q: number) =>
      logLikelihood(s, q) + beta * Math.log(q) + alpha * Math.log(1 - q),
    "plugin-accumulate": logLikelihood,
    // The belief after an update is Beta(α + 1, β + E), whose mean is q.
    vb: (s: readonly number[], q: number, t: number) =>
      t === 0
        ? evidenceBound(s, alpha, beta)
        : evidenceBound(s, alpha + 1, ((alpha + 1) * q) / (1 - q)),
  } as const;
  for (const [scheme, objective] of Object.entries(objectives))
    test(scheme, async () => {
      const scores = random300(24);
      let before: number[] | undefined;
      let least = Number.POSITIVE_INFINITY;
      let most = 0;
      for (let t = 0; t <= 12; t++) {
        const q = await last(
          scores,
          { scheme: scheme as "vb", alpha, beta, tail: 0, tolerance: 0, maxIterations: t },
          "continuation",
        );
        const now = scores.map((s, k) => objective(s, at(q, k), t));
        if (before !== undefined)
          for (const [k, value] of now.entries()) {
            least = Math.min(least, value - at(before, k));
            most = Math.max(most, value - at(before, k));
          }
        before = now;
      }
      expect(least).toBeGreaterThanOrEqual(-1e-12);
      expect(most, "some update does raise it").toBeGreaterThan(1e-2);
    });
});

describe("fixed points of the updates", () => {
  const options = { alpha, beta, tail: 0, tolerance: 0, maxIterations: 400 };

  test("plugin-reset ends where its objective is stationary", async () => {
    const scores = random300(3);
    const q = await last(scores, options, "continuation");
    const objective = (s: readonly number[], x: number): number =>
      logLikelihood(s, x) + beta * Math.log(x) + alpha * Math.log(1 - x);
    scores.forEach((s, k) => {
      const x = at(q, k);
      const slope = (objective(s, x + 1e-6) - objective(s, x - 1e-6)) / 2e-6;
      expect(Math.abs(slope)).toBeLessThan(1e-6);
    });
  });

  test("I25: flat scores leave both plug-in rules at the prior mean, and vb at 0.7448, ρ 0.7336", async () => {
    const flat = [new Array<number>(300).fill(0.7)];
    for (const scheme of ["plugin-reset", "plugin-accumulate"] as const) {
      const q = await last(flat, { ...options, scheme }, "continuation");
      expect(Math.abs(at(q, 0) - 0.75)).toBeLessThan(1e-12);
    }
    const q = await last(flat, { ...options, scheme: "vb" }, "continuation");
    const logRatio = await last(flat, { ...options, scheme: "vb" }, "logRatio");
    expect(at(q, 0).toFixed(4)).toBe("0.7448");
    expect(Math.exp(at(logRatio, 0)).toFixed(4)).toBe("0.7336");
  });

  test("adding up forgets the hyper-prior: it nears q = E/(1 + E), where EM without one ends", async () => {
    // Scores that a geometric law of 0.6 would have left, so that the optimum is inside (0, 1).
    const rng = random(8);
    const scores = Array.from({ length: 40 }, () =>
      Array.from({ length: 40 }, (_, h) => (h === 3 ? 4 : 0) + 0.3 * (rng.next() - 0.5)),
    );
    const accumulated = await last(
      scores,
      { ...options, scheme: "plugin-accumulate", maxIterations: 1000 },
      "continuation",
    );
    scores.forEach((s, k) => {
      let q = beta / (alpha + beta);
      for (let t = 0; t < 4000; t++) {
        const p = posteriorOf({ score: s, bound: 0 }, geometricPrior(q), s.length);
        const mean = sum(p.map((x, h) => x * h));
        q = mean / (1 + mean);
      }
      expect(Math.abs(at(accumulated, k) - q)).toBeLessThan(5e-3);
    });
  });
});

function nodes(N: number, { B = 2, H = 2, seed = 41 } = {}): Inputs {
  const rng = random(seed);
  return {
    query: rng.normal([B, H, N, 3], 1.5),
    key: rng.normal([B, H, N, 3], 1.5),
    value: rng.normal([B, H, N, 2]),
  };
}

describe("I26: limits", () => {
  test("a strong hyper-prior is a linear penalty of distance", async () => {
    const inputs = nodes(31);
    for (const scheme of ["plugin-reset", "vb", "exact"] as const)
      for (const q of [0.5, 0.8, 0.97]) {
        const options = { scheme, alpha: (1 - q) * 1e10, beta: q * 1e10, tail: 0 };
        const got = await posteriorExpectation(expanding(options), inputs);
        const slope = -Math.log(q);
        const wanted = await posteriorExpectation(
          relative({ graph: causal(), prior: distanceDecay({ slope }) }),
          inputs,
        );
        near(got.expectation, [...wanted.expectation.data], 1e-7);
        near(got.entropy, [...wanted.entropy.data], 1e-7);
      }
  });

  test("certain continuation and a full window are causal self attention", async () => {
    const inputs = nodes(31);
    for (const scheme of ["plugin-reset", "vb"] as const) {
      const options = { scheme, alpha: 1, beta: 1e14, tail: 0 };
      const got = await posteriorExpectation(expanding(options), inputs);
      const wanted = await posteriorExpectation(self({ graph: causal() }), inputs);
      near(got.expectation, [...wanted.expectation.data], 1e-9);
    }
  });

  test("without updates it is the geometric prior of the mean, on the same window", async () => {
    const inputs = nodes(31);
    const got = await posteriorExpectation(expanding({ maxIterations: 0, tail: 0 }), inputs);
    const fixed = self({ graph: causal(), prior: geometric({ stop: 0.2 }) });
    const wanted = await posteriorExpectation(fixed, inputs);
    near(got.expectation, [...wanted.expectation.data], 1e-12);
  });

  test("a tail that goes to 0 gives the untruncated answer", async () => {
    const inputs = nodes(60);
    for (const growth of ["prior", "posterior", "optimistic"] as const) {
      const options = { growth, tolerance: 1e-12, maxIterations: 300 };
      const whole = await posteriorExpectation(expanding({ ...options, tail: 0 }), inputs);
      const errors: number[] = [];
      for (const tail of [1e-1, 1e-4, 1e-10]) {
        const cut = await posteriorExpectation(expanding({ ...options, tail }), inputs);
        const gaps = cut.expectation.data.map((x, k) =>
          Math.abs(x - at(whole.expectation.data, k)),
        );
        errors.push(Math.max(...gaps));
      }
      expect(at(errors, 2)).toBeLessThan(1e-7);
      expect(at(errors, 0)).toBeGreaterThan(at(errors, 1));
    }
  });
});

describe("I27: windows", () => {
  test("rule R2: in 2000 draws the mass outside is at most ε, which bounds it 30 times over", async () => {
    const rng = random(27);
    const [B, N, D] = [2000, 40, 3];
    const inputs = {
      query: rng.normal([B, 1, N, D], 1.2),
      key: rng.normal([B, 1, N, D], 1.2),
      value: rng.normal([B, 1, N, 1]),
    };
    for (const scheme of ["plugin-reset", "exact"] as const) {
      const options = { scheme, growth: "posterior", tail: 0.05, alpha: 2, beta: 3 } as const;
      const read = ["window", ...(scheme === "exact" ? [] : ["logRatio"])];
      const got = await posteriorExpectation(expanding(options), inputs, { read });
      const looseness: number[] = [];
      let violations = 0;
      for (let b = 0; b < B; b++) {
        const row = b * N + N - 1;
        const vector = ({ data }: Tensor, at0: number): Float64Array =>
          Float64Array.from({ length: D }, (_, d) => at(data, at0 * D + d));
        const own = vector(inputs.query, row);
        const keys = Array.from({ length: N }, (_, h) => vector(inputs.key, row - h));
        const score = keys.map((k) => k.reduce((s, x, d) => s + x * at(own, d), 0) / Math.sqrt(D));
        const bound =
          (Math.hypot(...own) * Math.max(...keys.map((k) => Math.hypot(...k)))) / Math.sqrt(D);
        const window = at(the(got, "window").data as Float64Array, row);
        if (window === N) continue;
        const prior =
          scheme === "exact"
            ? betaGeometricPrior(2, 3)
            : geometricPrior(Math.exp(at(the(got, "logRatio").data as Float64Array, row)));
        const { mass, tail } = prior(N);
        const outside = sum(posteriorOf({ score, bound }, prior, N).slice(window));
        const inside = sum(score.slice(0, window).map((s, h) => Math.exp(s) * at(mass, h)));
        const unseen = Math.exp(bound) * (at(tail, window) - at(tail, N));
        const promised = unseen / (unseen + inside);
        if (outside > promised || promised > 0.05 * (1 + 1e-9)) violations++;
        looseness.push(promised / outside);
      }
      expect(violations).toBe(0);
      expect(looseness.length).toBeGreaterThan(200);
      const median = at(
        looseness.toSorted((a, b) => a - b),
        looseness.length >> 1,
      );
      expect(median).toBeGreaterThan(3);
      expect(median).toBeLessThan(300);
    }
  });

  test("a window never shrinks, however far q falls", async () => {
    const scores = Array.from({ length: 50 }, (_, k) =>
      Array.from({ length: 60 }, (_, h) => (h === 0 ? k / 5 : 0)),
    );
    for (const share of ["query", "group"] as const)
      for (const growth of ["prior", "posterior", "optimistic"] as const) {
        const options = { growth, share, alpha: 1, beta: 4, tolerance: 0, scheme: "vb" } as const;
        let before: number[] | undefined;
        let fell = 0;
        let ratios: number[] | undefined;
        for (let t = 0; t <= 6; t++) {
          const window = await last(scores, { ...options, maxIterations: t }, "window");
          const ratio = await last(scores, { ...options, maxIterations: t }, "logRatio");
          window.forEach((w, k) => {
            expect(w).toBeGreaterThanOrEqual(at(before ?? window, k));
            if (at(ratio, k) < at(ratios ?? ratio, k) - 1e-3) fell++;
          });
          [before, ratios] = [window, ratio];
        }
        expect(fell, "ρ falls somewhere").toBeGreaterThan(20);
      }
  });

  test("operations are 7.6's, from the windows of calls that stop earlier", async () => {
    const inputs = nodes(37);
    const [D, V] = [3, 2];
    for (const scheme of ["plugin-reset", "plugin-accumulate", "vb"] as const)
      for (const growth of ["prior", "posterior", "optimistic"] as const)
        for (const share of ["query", "group"] as const) {
          const options = { scheme, growth, share, tail: 0.05 };
          const read = ["window", "iterations", "operations"];
          const whole = await posteriorExpectation(expanding(options), inputs, { read });
          const iterations = the(whole, "iterations") as Tensor;
          let passes = 0;
          // The closing window of a call of t updates is the window of pass t + 1.
          for (let t = 0; t <= Math.max(...iterations.data); t++) {
            const model = expanding({ ...options, maxIterations: t });
            const { window } = await posteriorExpectation(model, inputs, { read: ["window"] });
            window.data.forEach((w, k) => {
              if (t <= at(iterations.data, k)) passes += w;
            });
          }
          const keys = sum([...(whole["window"] as Tensor).data]);
          const available = (4 * 37 * 38) / 2;
          expect([...(whole["operations"] as Tensor).data]).toEqual([
            keys * (D + V + 2) + 3 * passes,
            available * (D + V + 2),
          ]);
        }
  });
});

describe("I28: the scheme exact", () => {
  test("is numerical integration over q, and its continuation is E[q | x]", async () => {
    const scores = random300(28, 30).slice(0, 60);
    const options = {
      scheme: "exact",
      alpha,
      beta,
      tail: 0,
      potential: scaledDot({ scale: 1 }),
    } as const;
    const read = ["posterior", "continuation", "logEvidence"];
    const got = await posteriorExpectation(expanding(options), planted(scores), { read });
    const [N, points] = [30, 20000];
    const logNorm = betaln(alpha, beta);
    scores.forEach((s, b) => {
      const joint = new Float64Array(N);
      let mean = 0;
      for (let k = 0; k < points; k++) {
        const q = (k + 0.5) / points;
        const density =
          Math.exp((beta - 1) * Math.log(q) + (alpha - 1) * Math.log(1 - q) - logNorm) / points;
        s.forEach((x, h) => {
          const part = Math.exp(x) * (1 - q) * q ** h * density;
          joint[h] = at(joint, h) + part;
          mean += q * part;
        });
      }
      const total = sum([...joint]);
      const row = b * N + N - 1;
      joint.forEach((x, h) => {
        const p = at((got["posterior"] as Tensor).data, row * N + N - 1 - h);
        expect(Math.abs(p - x / total)).toBeLessThan(1e-8);
      });
      const q = at((got["continuation"] as Tensor).data, row);
      expect(Math.abs(q - mean / total)).toBeLessThan(1e-8);
      const evidence = at((got["logEvidence"] as Tensor).data, row);
      expect(Math.abs(evidence - Math.log(total))).toBeLessThan(1e-8);
    });
  });

  test("total variation to it, 200 cases: reset 0.111, vb 0.119, no update 0.124, accumulate 0.225", async () => {
    const rng = random(1);
    const [B, N] = [200, 64];
    const scores = Array.from({ length: B }, () => [...rng.normal([N], 1.7).data]);
    const posterior = async (options: ExpandingOptions): Promise<Tensor> => {
      const model = expanding({
        alpha,
        beta,
        tail: 0,
        potential: scaledDot({ scale: 1 }),
        ...options,
      });
      const got = await posteriorExpectation(model, planted(scores), { read: ["posterior"] });
      return got["posterior"];
    };
    const truth = await posterior({ scheme: "exact" });
    const distance = async (options: ExpandingOptions): Promise<number> => {
      const p = await posterior({ tolerance: 0, maxIterations: 100, ...options });
      let total = 0;
      for (let b = 0; b < B; b++)
        for (let j = 0; j < N; j++) {
          const k = (b * N + N - 1) * N + j;
          total += Math.abs(at(p.data, k) - at(truth.data, k)) / 2;
        }
      return total / B;
    };
    const reset = await distance({});
    const vb = await distance({ scheme: "vb" });
    const none = await distance({ maxIterations: 0 });
    const accumulate = await distance({ scheme: "plugin-accumulate" });
    // The specification's cases are not these: its numbers are 0.115, 0.124, 0.132 and 0.222.
    near({ data: [reset, vb, none, accumulate] }, [0.115, 0.124, 0.132, 0.222], 0.012);
    expect(reset).toBeLessThan(vb);
    expect(vb).toBeLessThan(none);
    expect(none).toBeLessThan(accumulate);
  });
});
