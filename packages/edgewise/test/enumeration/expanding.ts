/**
 * Expanding attention of one group of queries, straight from its equations: sums of exponentials in
 * two passes, powers and Beta functions as they are written. For small scores.
 */
import betaln from "@stdlib/math-base-special-betaln";
import digamma from "@stdlib/math-base-special-digamma";
import { at } from "../random.ts";

export interface Expanding {
  readonly scheme: "plugin-reset" | "plugin-accumulate" | "vb" | "exact";
  readonly growth: "prior" | "posterior" | "optimistic";
  readonly alpha: number;
  readonly beta: number;
  readonly tail: number;
  readonly tolerance: number;
  readonly maxIterations: number;
}

/** Scores of a query by distance, nearest first, and a number that none of them exceeds. */
export interface Past {
  readonly score: readonly number[];
  readonly bound: number;
}

export interface Looked {
  readonly window: number;
  readonly posterior: readonly number[];
  readonly continuation: number;
  readonly iterations: number;
  /** Windows of every pass, the closing one included. */
  readonly passes: readonly number[];
  readonly ratio: number;
}

const sum = (of: readonly number[]): number => of.reduce((a, b) => a + b, 0);

/** Probability of each distance up to n, and of n or more at the end, under a prior without end. */
type Prior = (n: number) => { readonly mass: number[]; readonly tail: number[] };

export const geometricPrior =
  (ratio: number): Prior =>
  (n) => ({
    mass: Array.from({ length: n }, (_, h) => (1 - ratio) * ratio ** h),
    tail: Array.from({ length: n + 1 }, (_, h) => ratio ** h),
  });

export const betaGeometricPrior =
  (alpha: number, beta: number): Prior =>
  (n) => {
    const mass = Array.from({ length: n }, (_, h) =>
      Math.exp(betaln(alpha + 1, beta + h) - betaln(alpha, beta)),
    );
    const tail = [1];
    for (let h = 0; h < n; h++) tail.push((at(tail, h) * (beta + h)) / (alpha + beta + h));
    return { mass, tail };
  };

/** Least window of at least `before` that satisfies the rule of growth. */
function grown(past: Past, prior: Prior, before: number, { growth, tail }: Expanding): number {
  const n = past.score.length;
  const of = prior(n);
  for (let h = Math.max(1, before); h < n; h++) {
    if (growth === "prior") {
      if (at(of.tail, h) <= tail) return h;
      continue;
    }
    const seen = past.score.slice(0, h);
    const inside = sum(seen.map((s, k) => Math.exp(s) * at(of.mass, k)));
    const most = growth === "posterior" ? past.bound : Math.max(...seen);
    const outside = Math.exp(most) * (at(of.tail, h) - at(of.tail, n));
    if (outside / (outside + inside) <= tail) return h;
  }
  return n;
}

export function posteriorOf(past: Past, prior: Prior, window: number): number[] {
  const { mass } = prior(past.score.length);
  const weight = past.score.slice(0, window).map((s, h) => Math.exp(s) * at(mass, h));
  return weight.map((w) => w / sum(weight));
}

/** Infers one q for several queries together. */
export function expandingOf(group: readonly Past[], options: Expanding): Looked[] {
  const { scheme, alpha, beta, tolerance, maxIterations } = options;
  const some = group.filter(({ score }) => score.length > 0).length;
  const passes = group.map((): number[] => []);
  const look = (prior: Prior): number[][] =>
    group.map((past, k) => {
      if (past.score.length === 0) return [];
      const window = grown(past, prior, passes[k]?.at(-1) ?? 0, options);
      passes[k]?.push(window);
      return posteriorOf(past, prior, window);
    });
  let [a, b] = [alpha, beta];
  let iterations = 0;
  const ratio = (): number =>
    scheme === "vb" ? Math.exp(digamma(b) - digamma(a + b)) : b / (a + b);
  while (scheme !== "exact" && some > 0 && iterations < maxIterations) {
    const before = b / (a + b);
    const distances = sum(look(geometricPrior(ratio())).map((p) => sum(p.map((x, h) => x * h))));
    [a, b] =
      scheme === "plugin-accumulate" ? [a + some, b + distances] : [alpha + some, beta + distances];
    iterations++;
    if (Math.abs(b / (a + b) - before) < tolerance) break;
  }
  const closing = look(
    scheme === "exact" ? betaGeometricPrior(alpha, beta) : geometricPrior(ratio()),
  );
  return closing.map((posterior, k) => ({
    window: posterior.length,
    posterior,
    continuation:
      scheme === "exact" && posterior.length > 0
        ? sum(posterior.map((p, h) => (p * (beta + h)) / (alpha + beta + h + 1)))
        : b / (a + b),
    iterations,
    passes: passes[k] ?? [],
    ratio: ratio(),
  }));
}
