import { digamma } from "./digamma.ts";

/** Prior over the distances 0, 1, 2, … as a growing window reads it; its tail is never cut off. */
export interface DistanceLaw {
  /** Log probability of a distance. */
  logPrior(distance: number): number;
  /** Log probability of the distances from `from` up to but not including `to`. */
  logBetween(from: number, to: number): number;
  /** Least window beyond which there is no more probability than `tail`. */
  windowFor(tail: number): number;
  /** What one look at the window averages over the posterior. */
  statistic(distance: number): number;
}

/** Continuation probabilities stay this far from 0 and from 1. */
const margin = 1e-12;
const [least, most] = [Math.log(margin), Math.log1p(-margin)];

/** Belief about the continuation probability q: 1 − q ~ Beta(stops, continuations). */
export interface Belief {
  readonly stops: number;
  readonly continuations: number;
}

export const meanContinuation = ({ stops, continuations }: Belief): number =>
  1 / (1 + stops / continuations);

/** log ρ of the geometric law that stands for a belief: log E[q], or E[log q] under mean field. */
export function logRatioOf({ stops, continuations }: Belief, meanField: boolean): number {
  const logRatio = meanField
    ? digamma(continuations) - digamma(stops + continuations)
    : -Math.log1p(stops / continuations);
  return Math.min(most, Math.max(least, logRatio));
}

/** (1 − ρ) ρʰ. Its statistic is the distance, of which a belief about q learns. */
export class GeometricLaw implements DistanceLaw {
  readonly logRatio: number;
  readonly logStop: number;

  constructor(logRatio: number) {
    this.logRatio = logRatio;
    this.logStop = Math.log(-Math.expm1(logRatio));
  }

  logPrior(distance: number): number {
    return this.logStop + distance * this.logRatio;
  }

  logBetween(from: number, to: number): number {
    return from * this.logRatio + Math.log(-Math.expm1((to - from) * this.logRatio));
  }

  windowFor(tail: number): number {
    return Math.ceil(Math.log(tail) / this.logRatio);
  }

  statistic(distance: number): number {
    return distance;
  }
}

/**
 * The law of the distance with q summed out, B(α + 1, β + h) / B(α, β), tabulated by its
 * recurrence. Its statistic is E[q | h], since q given h is Beta(β + h, α + 1).
 */
export class BetaGeometricLaw implements DistanceLaw {
  /** Log probability of each distance. */
  readonly logPriors: Float64Array;
  /** Log probability of a distance or more. */
  readonly logTails: Float64Array;
  private readonly belief: Belief;

  constructor(belief: Belief, length: number) {
    const { stops, continuations } = belief;
    this.belief = belief;
    this.logPriors = new Float64Array(length);
    this.logTails = new Float64Array(length + 1);
    let logPrior = -Math.log1p(continuations / stops);
    let logTail = 0;
    for (let h = 0; h < length; h++) {
      this.logPriors[h] = logPrior;
      logPrior -= Math.log1p((stops + 1) / (continuations + h));
      logTail -= Math.log1p(stops / (continuations + h));
      this.logTails[h + 1] = logTail;
    }
  }

  logPrior(distance: number): number {
    return this.logPriors[distance] as number;
  }

  logBetween(from: number, to: number): number {
    const [near, far] = [this.logTails[from] as number, this.logTails[to] as number];
    return near + Math.log(-Math.expm1(far - near));
  }

  windowFor(tail: number): number {
    const found = this.logTails.findIndex((logTail) => logTail <= Math.log(tail));
    return found < 0 ? Number.POSITIVE_INFINITY : found;
  }

  statistic(distance: number): number {
    const { stops, continuations } = this.belief;
    return 1 / (1 + (stops + 1) / (continuations + distance));
  }
}
