import type { RoutineArray, RoutineRun } from "../routine.ts";
import {
  type Belief,
  BetaGeometricLaw,
  type DistanceLaw,
  GeometricLaw,
  logRatioOf,
  meanContinuation,
} from "./distanceLaw.ts";
import { NearScores } from "./nearScores.ts";

interface Options {
  readonly scheme: "plugin-reset" | "plugin-accumulate" | "vb" | "exact";
  readonly growth: "prior" | "posterior" | "optimistic";
  readonly share: "query" | "group";
  readonly alpha: number;
  readonly beta: number;
  readonly tail: number;
  readonly tolerance: number;
  readonly maxIterations: number;
  /** How far before its query the nearest key stands. */
  readonly nearest: number;
}

/**
 * Windows that grow while the belief about q is inferred: look at the window under the present ρ,
 * which enlarges it until its tail is small, then update the belief; and one look more at the end.
 *
 * @cost O(Σ windows · (D + iterations)) time; beyond inputs and outputs one row of scores, or, where
 *   queries share q, as many scores as the queries have numbers
 */
export const growingWindow: RoutineRun = (inputs, given) => {
  const { query, key } = inputs as Record<"query" | "key", RoutineArray>;
  // The inference that writes this step gives every option.
  const options = given as unknown as Options;
  const [batches, heads, length] = query.shape as [number, number, number];
  const growth = new Growth(new NearScores(query, key, given), options, query.shape.slice(0, 3));
  for (let b = 0; b < batches; b++)
    for (let h = 0; h < heads; h++) {
      growth.enter(b, h);
      const together = options.share === "group" ? length : 1;
      for (let i = 0; i < length; i += together) growth.infer(i, i + together);
    }
  return growth.made();
};

class Growth {
  private readonly scores: NearScores;
  private readonly options: Options;
  private readonly shape: readonly number[];
  private readonly collapsed: BetaGeometricLaw;
  private readonly outputs: Record<
    "continuation" | "logRatio" | "logStop" | "window" | "iterations" | "scored" | "visited",
    Float64Array
  >;
  /** Place of the head's first query in the outputs. */
  private start = 0;

  constructor(scores: NearScores, options: Options, shape: readonly number[]) {
    const count = shape.reduce((a, b) => a * b, 1);
    const { alpha: stops, beta: continuations, scheme } = options;
    this.scores = scores;
    this.options = options;
    this.shape = shape;
    const length = scheme === "exact" ? (shape[2] as number) : 0;
    this.collapsed = new BetaGeometricLaw({ stops, continuations }, length);
    const zeros = (): Float64Array => new Float64Array(count);
    this.outputs = {
      continuation: zeros(),
      logRatio: zeros(),
      logStop: zeros(),
      window: zeros(),
      iterations: zeros(),
      scored: zeros(),
      visited: zeros(),
    };
  }

  enter(batch: number, head: number): void {
    const [, heads, length] = this.shape as [number, number, number];
    this.start = (batch * heads + head) * length;
    this.scores.enter(batch, head);
  }

  /** Infers the q that the queries from `from` up to but not including `to` share. */
  infer(from: number, to: number): void {
    const { scheme, maxIterations, tolerance, alpha, beta } = this.options;
    // A query without keys observes nothing.
    const first = Math.max(from, this.options.nearest);
    const members = Math.max(0, to - first);
    let belief: Belief = { stops: alpha, continuations: beta };
    let iterations = 0;
    let moves = members > 0 && scheme !== "exact";
    while (moves && iterations < maxIterations) {
      const law = new GeometricLaw(logRatioOf(belief, scheme === "vb"));
      let distances = 0;
      for (let i = first; i < to; i++) distances += this.look(i, law);
      const before =
        scheme === "plugin-accumulate" ? belief : { stops: alpha, continuations: beta };
      const next = {
        stops: before.stops + members,
        continuations: before.continuations + distances,
      };
      moves = Math.abs(meanContinuation(next) - meanContinuation(belief)) >= tolerance;
      belief = next;
      iterations++;
    }
    const law = new GeometricLaw(logRatioOf(belief, scheme === "vb"));
    for (let i = from; i < to; i++) {
      const at = this.start + i;
      const mean = i < first ? 0 : this.look(i, scheme === "exact" ? this.collapsed : law);
      const isCollapsed = scheme === "exact" && i >= first;
      this.outputs.continuation[at] = isCollapsed ? mean : meanContinuation(belief);
      this.outputs.logRatio[at] = law.logRatio;
      this.outputs.logStop[at] = law.logStop;
      this.outputs.iterations[at] = iterations;
    }
  }

  /** One pass over a query's window, which it enlarges as far as is needed: mean of the statistic. */
  private look(i: number, law: DistanceLaw): number {
    const { growth, tail, nearest } = this.options;
    const { window, scored, visited } = this.outputs;
    const at = this.start + i;
    const available = i + 1 - nearest;
    const before = window[at] as number;
    const needed = growth === "prior" ? law.windowFor(tail) : 0;
    const logOdds = Math.log(tail) - Math.log1p(-tail);
    let bound = growth === "posterior" ? this.scores.bound(i) : Number.NEGATIVE_INFINITY;
    let top = Number.NEGATIVE_INFINITY;
    let total = 0;
    let moment = 0;
    let h = 0;
    while (h < available) {
      const score = this.scores.at(i, h, before);
      if (h >= before) scored[at] = (scored[at] as number) + 1;
      if (growth === "optimistic" && score > bound) bound = score;
      const logWeight = score + law.logPrior(h);
      // Sums are kept in units of the greatest weight so far.
      const shrink = logWeight > top ? Math.exp(top - logWeight) : 1;
      top = Math.max(top, logWeight);
      const weight = Math.exp(logWeight - top);
      total = total * shrink + weight;
      moment = moment * shrink + weight * law.statistic(h);
      h++;
      visited[at] = (visited[at] as number) + 1;
      if (h < before) continue;
      const isEnough =
        growth === "prior"
          ? h >= needed
          : bound + law.logBetween(h, available) - top - Math.log(total) <= logOdds;
      if (isEnough) break;
    }
    window[at] = h;
    return moment / total;
  }

  made(): Record<string, RoutineArray> {
    const { shape, collapsed } = this;
    const arrays = Object.entries(this.outputs).map(([name, data]) => [name, { data, shape }]);
    const logPriors = { data: collapsed.logPriors, shape: [collapsed.logPriors.length] };
    return { ...Object.fromEntries(arrays), logPriors };
  }
}
