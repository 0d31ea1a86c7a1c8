/** Probabilistic attention in plain loops, written from docs/mathematics.md, 9.1–9.6. */
import type { Matrix, Row } from "./oracle.ts";

export interface MixtureCase {
  readonly query: Matrix;
  readonly key: Matrix;
  readonly value: Matrix;
  /** Precisions of each unit. */
  readonly alpha: Row;
  readonly beta: Row;
  /** Annotation of each token, or undefined. */
  readonly fixed?: readonly (Row | undefined)[];
  readonly admissible?: (token: number, unit: number) => boolean;
  readonly logPrior?: (token: number, unit: number) => number;
  readonly keyIterations?: number;
  readonly valueIterations?: number;
  readonly keyPriorPrecision?: number;
  readonly valuePriorPrecision?: number;
  readonly anchor?: "initial" | "running";
  readonly magnitudePrior?: boolean;
  readonly freezePrior?: boolean;
  readonly clampAnnotated?: boolean;
  readonly readout?: "mean" | "map";
  readonly paperCompat?: boolean;
  /** [token][unit] rows; the key's table is [unit][token]. */
  readonly queryPosition?: readonly Matrix[];
  readonly keyPosition?: readonly Matrix[];
}

export interface MixtureTruth {
  readonly expectation: number[][];
  readonly key: number[][];
  readonly value: number[][];
  readonly responsibilities: number[][];
  readonly logLikelihood: number[];
  /** Of each token, under the adapted units; −∞ without a unit. */
  readonly logEvidence: number[];
  readonly entropy: number[];
}

const get = (row: Row | undefined, k: number): number => row?.[k] ?? Number.NaN;

function distance(a: Row | undefined, b?: Row): number {
  let sum = 0;
  for (let d = 0; d < (a?.length ?? 0); d++) sum += (get(a, d) - (b ? get(b, d) : 0)) ** 2;
  return sum;
}

/** ln of precision^(width/2); 0 for a precision of 0 and in the paper's layer. */
const normaliser = (precision: number, width: number, paperCompat: boolean): number =>
  paperCompat || precision === 0 ? 0 : (width / 2) * Math.log(precision);

function magnitude(of: MixtureCase, key: Matrix, value: Matrix, i: number, j: number): number {
  if (of.magnitudePrior !== true) return 0;
  const half = get(of.alpha, j) / 2;
  let sum = half * distance(key[j]) + (get(of.beta, j) / 2) * distance(value[j]);
  if (of.queryPosition) sum += half * distance(of.queryPosition[i]?.[j]);
  if (of.keyPosition) sum += half * (distance(of.keyPosition[j]?.[i]) + distance(key[j]));
  return sum;
}

function score(of: MixtureCase, key: Matrix, value: Matrix, i: number, j: number): number {
  const [alpha, beta, paper] = [get(of.alpha, j), get(of.beta, j), of.paperCompat === true];
  const [q, zeta, mu] = [of.query[i] ?? [], key[j] ?? [], value[j] ?? []];
  let s = normaliser(alpha, q.length, paper) - (alpha / 2) * distance(q, zeta);
  if (of.queryPosition) s -= (alpha / 2) * distance(q, of.queryPosition[i]?.[j]);
  if (of.keyPosition) s -= (alpha / 2) * distance(zeta, of.keyPosition[j]?.[i]);
  const known = of.fixed?.[i];
  if (known !== undefined && !paper)
    s += normaliser(beta, known.length, paper) - (beta / 2) * distance(known, mu);
  return s;
}

/** Responsibilities, and ln Σ_j π e^s of each token. */
function eStep(of: MixtureCase, key: Matrix, value: Matrix): { P: number[][]; evidence: number[] } {
  const evidence: number[] = [];
  const P = of.query.map((_, i) => {
    const units = key.map((_, j) => j).filter((j) => of.admissible?.(i, j) ?? true);
    const prior = key.map(() => 0);
    let mass = 0;
    for (const j of units) {
      const frozen = of.freezePrior ?? true;
      const m = frozen ? magnitude(of, of.key, of.value, i, j) : magnitude(of, key, value, i, j);
      prior[j] = Math.exp((of.logPrior?.(i, j) ?? 0) + m);
      mass += get(prior, j);
    }
    let total = 0;
    const joint = key.map(() => 0);
    for (const j of units) {
      joint[j] = (get(prior, j) / mass) * Math.exp(score(of, key, value, i, j));
      total += get(joint, j);
    }
    evidence.push(Math.log(total));
    return joint.map((p) => (total > 0 ? p / total : 0));
  });
  return { P, evidence };
}

/** (λ anchor + precision Σ_i w_i x_i) / (λ + precision Σ_i w_i), kept when there is nothing to say. */
function moved(
  now: Row,
  anchor: Row,
  lambda: number,
  precision: number,
  data: readonly { weight: number; x: Row }[],
): number[] {
  return now.map((before, c) => {
    let [top, bottom] = [lambda * get(anchor, c), lambda];
    for (const { weight, x } of data) {
      top += precision * weight * get(x, c);
      bottom += precision * weight;
    }
    return bottom === 0 ? before : top / bottom;
  });
}

/** One forward pass in the order of 9.6. */
export function adapt(of: MixtureCase): MixtureTruth {
  const { keyIterations = 0, valueIterations = 0, anchor = "initial", fixed = [] } = of;
  const { keyPriorPrecision = 1, valuePriorPrecision = 1 } = of;
  let key = of.key.map((row) => [...row]);
  let value = of.value.map((row) => [...row]);
  const logLikelihood: number[] = [];
  const step = (): number[][] => {
    const { P, evidence } = eStep(of, key, value);
    // Tokens without a unit say nothing.
    let objective = 0;
    for (const e of evidence) objective += Number.isFinite(e) ? e : 0;
    key.forEach((row, j) => {
      objective -= (keyPriorPrecision / 2) * distance(row, of.key[j]);
    });
    value.forEach((row, j) => {
      objective -= (valuePriorPrecision / 2) * distance(row, of.value[j]);
    });
    logLikelihood.push(objective);
    return P;
  };
  for (let t = 0; t < keyIterations; t++) {
    const P = step();
    key = key.map((row, j) => {
      const data = of.query.flatMap((x, i) => {
        const weight = get(P[i], j);
        // 9.5 scores a key by its positions as well, so the M-step moves it to them.
        const seen = of.keyPosition && !of.paperCompat ? of.keyPosition[j]?.[i] : undefined;
        return seen === undefined
          ? [{ weight, x }]
          : [
              { weight, x },
              { weight, x: seen },
            ];
      });
      const to = anchor === "initial" ? (of.key[j] ?? []) : row;
      return moved(row, to, keyPriorPrecision, get(of.alpha, j), data);
    });
  }
  for (let t = 0; t < valueIterations; t++) {
    const P = step();
    value = value.map((row, j) => {
      const data = fixed.flatMap((x, i) => (x === undefined ? [] : [{ weight: get(P[i], j), x }]));
      const to = anchor === "initial" ? (of.value[j] ?? []) : row;
      return moved(row, to, valuePriorPrecision, get(of.beta, j), data);
    });
  }
  const P = step();
  const logEvidence = eStep(of, key, value).evidence;
  const entropy = P.map((row) => row.reduce((h, p) => (p > 0 ? h - p * Math.log(p) : h), 0));
  const expectation = of.query.map((_, i) => {
    const known = fixed[i];
    if (of.clampAnnotated && known !== undefined) return [...known];
    return (value[0] ?? []).map((_, c) => {
      let [top, bottom] = [0, 0];
      value.forEach((mu, j) => {
        const weight = of.readout === "map" ? get(P[i], j) * get(of.beta, j) : get(P[i], j);
        top += weight * get(mu, c);
        bottom += weight;
      });
      return of.readout === "map" ? (bottom === 0 ? 0 : top / bottom) : top;
    });
  });
  return { expectation, key, value, responsibilities: P, logLikelihood, logEvidence, entropy };
}
