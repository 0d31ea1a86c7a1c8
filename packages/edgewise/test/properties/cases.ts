/**
 * Random cases for property tests: any scores, any priors, any masks with empty rows.
 *
 * EDGEWISE_RUNS=1000 runs more of them, EDGEWISE_SEED=7 others; a failure prints its seed and path.
 */
import {
  cross,
  edgesFrom,
  given,
  type Inputs,
  type Prepared,
  parameter,
  type Reading,
  scaledDot,
  type Tensor,
} from "edgewise";
import fc from "fast-check";
import { prepare } from "../inDouble.ts";
import { single } from "../near.ts";

export const runs: { numRuns: number; seed: number } = {
  numRuns: Number(process.env["EDGEWISE_RUNS"] ?? 50),
  seed: Number(process.env["EDGEWISE_SEED"] ?? 2023),
};

/** Scores, a prior and a support of one batch entry and head; [receiver][sender]. */
export interface Drawn {
  readonly score: number[][];
  readonly mask: boolean[][];
  readonly logPrior: number[][];
  readonly value: number[][];
  readonly sent: number[][];
  readonly temperature: number;
  readonly tempering: "likelihood" | "joint";
  /** The support as a list of edges, or as −∞ in the prior. */
  readonly asList: boolean;
}

const number = (bound: number): fc.Arbitrary<number> =>
  fc.double({ min: -bound, max: bound, noNaN: true }).map((x) => (Math.abs(x) < 1e-9 ? 0 : x));

export const matrix = (n: number, m: number, bound: number): fc.Arbitrary<number[][]> =>
  fc.array(fc.array(number(bound), { minLength: m, maxLength: m }), { minLength: n, maxLength: n });

/** 1–5 receivers and 1–12 senders with scores up to a bound; rows may be empty. */
export const drawn = (bound: number, square = false): fc.Arbitrary<Drawn> =>
  fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 12 })).chain(([n, m]) => {
    const [N, M] = square ? [n, n] : [n, m];
    const row = fc.oneof(
      { weight: 1, arbitrary: fc.constant(new Array<boolean>(M).fill(false)) },
      { weight: 6, arbitrary: fc.array(fc.boolean(), { minLength: M, maxLength: M }) },
      { weight: 2, arbitrary: fc.constant(new Array<boolean>(M).fill(true)) },
    );
    return fc.record({
      score: matrix(N, M, bound),
      mask: fc.array(row, { minLength: N, maxLength: N }),
      logPrior: matrix(N, M, 5),
      value: matrix(M, 2, 10),
      sent: matrix(N, 2, 10),
      temperature: fc.double({ min: 0.25, max: 4, noNaN: true }),
      tempering: fc.constantFrom("likelihood" as const, "joint" as const),
      asList: fc.boolean(),
    });
  });

const prepared = new Map<string, Promise<Prepared<Reading>>>();
export const readings: readonly Reading[] = [
  "expectation",
  "posterior",
  "logEvidence",
  "entropy",
  "scatter",
  "mass",
];

/** The model of a case: scores are queries against unit keys, so d_query is the scores' gradient. */
export function modelOf({ tempering, asList }: Drawn): Promise<Prepared<Reading>> {
  const key = `${tempering} ${asList}`;
  const known = prepared.get(key);
  if (known !== undefined) return known;
  const model = cross({
    potential: scaledDot({ scale: 1 }),
    temperature: parameter("temperature"),
    tempering,
    prior: given(),
    ...(asList ? { graph: edgesFrom() } : {}),
  });
  const made = prepare(model, { read: readings });
  prepared.set(key, made);
  return made;
}

const unit = (m: number): number[][] =>
  Array.from({ length: m }, (_, j) => Array.from({ length: m }, (_, d) => (d === j ? 1 : 0)));

export function inputsOf(of: Drawn): Inputs {
  const { asList, mask, score, value, sent } = of;
  const M = value.length;
  const pairs = mask.flatMap((row, i) => row.flatMap((on, j) => (on ? [[i, j]] : [])));
  const prior = of.logPrior.map((row, i) =>
    row.map((b, j) => (asList || mask[i]?.[j] ? b : Number.NEGATIVE_INFINITY)),
  );
  return {
    query: single(score),
    key: single(unit(M)),
    value: single(value),
    chooser_value: single(sent),
    log_prior: single(prior),
    temperature: { data: Float64Array.of(of.temperature), shape: [] },
    ...(asList ? { edges: { data: Int32Array.from(pairs.flat()), shape: [pairs.length, 2] } } : {}),
  };
}

/** A case's readings as nested rows. */
export interface Answer {
  readonly posterior: number[][];
  readonly expectation: number[][];
  readonly logEvidence: number[];
  readonly entropy: number[];
  readonly scatter: number[][];
  readonly mass: number[];
}

export async function answerOf(of: Drawn): Promise<Answer> {
  return nested((await modelOf(of)).sync(inputsOf(of)), of.value.length);
}

/** Readings, whichever were asked for. */
type Some = Readonly<Partial<Record<Reading, Tensor>>>;

export function nested(got: object, M: number): Answer {
  const row = (name: Reading): number[] => [...((got as Some)[name]?.data ?? [])];
  const rows = (name: Reading, width: number): number[][] => {
    const flat = row(name);
    return Array.from({ length: flat.length / width }, (_, i) =>
      flat.slice(i * width, (i + 1) * width),
    );
  };
  return {
    posterior: rows("posterior", M),
    expectation: rows("expectation", 2),
    logEvidence: row("logEvidence"),
    entropy: row("entropy"),
    scatter: rows("scatter", 2),
    mass: row("mass"),
  };
}

/** ln Σ exp, stable. */
export function lse(x: readonly number[]): number {
  const top = Math.max(...x);
  if (top === Number.NEGATIVE_INFINITY) return top;
  return top + Math.log(x.reduce((sum, v) => sum + Math.exp(v - top), 0));
}

/** One row's support: alternatives, scores and normalised log priors. */
export interface SupportRow {
  readonly index: number[];
  readonly score: number[];
  readonly logPrior: number[];
}

export function supportOf(of: Drawn, i: number): SupportRow {
  const index = of.value.map((_, j) => j).filter((j) => of.mask[i]?.[j]);
  const beliefs = index.map((j) => at(of.logPrior[i], j));
  const mass = lse(beliefs);
  return {
    index,
    score: index.map((j) => at(of.score[i], j)),
    logPrior: beliefs.map((b) => b - mass),
  };
}

export const at = (row: readonly number[] | undefined, k: number): number => row?.[k] ?? Number.NaN;
export const sum = (x: readonly number[]): number => x.reduce((a, b) => a + b, 0);
export const mean = (p: readonly number[], x: readonly number[]): number =>
  p.reduce((s, w, k) => (w === 0 ? s : s + w * at(x, k)), 0);

/**
 * Whether two numbers agree to 1e-10 of the largest number in sight. Double precision keeps 2e-16
 * of each; a dozen terms, divided by a temperature of at least 1/4, stay a thousand times below.
 */
export function close(a: number, b: number, scale = 1): boolean {
  if (a === b) return true;
  return Math.abs(a - b) <= 1e-10 * Math.max(1, Math.abs(a), Math.abs(b), scale);
}
