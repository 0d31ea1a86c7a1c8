import {
  type Axis,
  add,
  and,
  axis,
  binary,
  divide,
  type Expr,
  index,
  load,
  log,
  multiply,
  number,
  size,
  subtract,
  sum,
  total,
  where,
} from "../ir/expr.ts";
import { map, normalise } from "../ir/fold.ts";
import type { FixedPoint, Step, Support } from "../ir/program.ts";
import type { EdgeModel } from "../model/edgeModel.ts";
import { EdgeScope } from "../model/edgeScope.ts";
import { lowerGraph } from "../model/graph.ts";
import type { EmInference } from "../model/inference.ts";
import type { Potential } from "../model/potential.ts";
import { admitted, lowerPrior } from "../model/prior.ts";
import { lowerQuantity } from "../model/quantity.ts";
import { named } from "./edge.ts";

/** An E-step: its folds, and the log posterior of an edge after them. */
export interface EStep {
  readonly steps: readonly Step[];
  readonly logPosterior: Expr;
}

/**
 * Mixture of Gaussians over queries and values, one unit a key: scores, prior and E-step.
 *
 * sᵢⱼ = log πᵢⱼ + C/2 log αⱼ − αⱼ/2 ‖qᵢ − ζⱼ‖² + [vᵢ known] (C_v/2 log βⱼ − βⱼ/2 ‖vᵢ − μⱼ‖²)
 *
 * @source docs/mathematics.md, 9.1, 9.2 (magnitude prior), 9.5 (positions).
 */
export class Mixture {
  readonly em: EmInference;
  readonly scope: EdgeScope;
  readonly owners: readonly Axis[];
  readonly units: readonly Axis[];
  readonly d: Axis = axis("d", "D");
  readonly v: Axis = axis("v", "V");
  readonly alpha: Expr;
  readonly beta: Expr;
  readonly edges: Support;
  /** Not 0 where the token is annotated. */
  readonly isFixed: Expr;
  private readonly logPrior: Expr;
  private readonly normalised: boolean;

  constructor(model: EdgeModel, em: EmInference) {
    this.em = em;
    this.scope = new EdgeScope(model);
    const { batch, head, receiver, sender } = this.scope;
    this.owners = [batch, head, receiver];
    this.units = [batch, head, sender];
    this.scope.require("query", ["B", "H", "N", "D"]);
    this.scope.require("key", ["B", "H", "M", "D"]);
    this.scope.require("value", ["B", "H", "M", "V"]);
    if (em.annotated) this.scope.require("fixed", ["B", "H", "N", "V"]);
    this.isFixed = em.annotated ? this.scope.tensor("is_fixed", ["B", "H", "N"]) : number(0);
    this.requirePositions();
    // `check.ts` lets only a Gaussian through.
    const { precision, normalised } = model.potential as Extract<Potential, { kind: "gaussian" }>;
    this.alpha = lowerQuantity(precision, this.scope);
    this.normalised = normalised;
    this.beta = lowerQuantity(em.valuePrecision, this.scope);
    this.logPrior = lowerPrior(model.prior, this.scope);
    const graph = lowerGraph(model.graph, this.scope, "receiver");
    const condition = admitted(model.prior, this.logPrior);
    this.edges = condition === undefined ? graph : { ...graph, where: and(graph.where, condition) };
  }

  /** Posterior over units given keys and values; the objective is kept as `objective` + suffix. */
  eStep(key: string, value: string, suffix: string): EStep {
    const [mass, partition] = [`priorMass${suffix}`, `${named.partition}${suffix}`];
    const owner = this.owners.map(index);
    const prior = this.prior(key, value);
    const logWeight = subtract(add(prior, this.score(key, value)), load(mass, owner));
    const steps = [
      normalise({ over: this.owners, edges: this.edges, logWeight: prior, logEvidence: mass }),
      normalise({
        over: this.owners,
        edges: this.edges,
        logWeight,
        logEvidence: partition,
        expectations: [{ name: `${named.meanLogWeight}${suffix}`, along: [], value: logWeight }],
      }),
      map(
        `objective${suffix}`,
        [this.scope.batch, this.scope.head],
        this.objective(key, value, partition),
      ),
    ];
    return { steps, logPosterior: subtract(logWeight, load(partition, owner)) };
  }

  /** Repeats steps that end in `state`Next; the objective before each iteration is traced. */
  phase(
    name: string,
    state: string,
    initial: string,
    over: readonly Axis[],
    iterations: number,
    steps: readonly Step[],
    trace: string,
    objective: string,
  ): FixedPoint {
    return {
      kind: "fixedPoint",
      name,
      state: [{ name: state, initial, shape: over.map((loop) => loop.size) }],
      blocks: [{ name, steps, update: { [state]: `${state}Next` } }],
      maxIterations: iterations,
      iteration: `${state}Iteration`,
      traces: [{ tensor: trace, of: objective, shape: ["B", "H"] }],
      history: {},
      iterations: `${state}Count`,
      gradient: "unrolled",
    };
  }

  /** Log likelihood of queries and annotations less the Gaussian priors of moved keys and values. */
  private objective(key: string, value: string, partition: string): Expr {
    const { scope, em } = this;
    const evidence = load(partition, this.owners.map(index));
    const empty = binary("equal", evidence, number(Number.NEGATIVE_INFINITY));
    const likelihood = sum(scope.receiver, where(empty, 0, evidence));
    const moved = (lambda: Expr, now: string, start: string, feature: Axis): Expr => {
      if (now === start) return number(0);
      const place = [...this.units, feature].map(index);
      const gap = subtract(load(now, place), load(start, place));
      return multiply(divide(lambda, 2), sum(scope.sender, sum(feature, multiply(gap, gap))));
    };
    const keys = moved(lowerQuantity(em.keyPriorPrecision, scope), key, "key", this.d);
    const values = moved(lowerQuantity(em.valuePriorPrecision, scope), value, "value", this.v);
    return subtract(likelihood, add(keys, values));
  }

  /** Unnormalised log prior: what is given, and the magnitude prior of the frozen or moving units. */
  private prior(key: string, value: string): Expr {
    const { em, alpha, beta } = this;
    if (!em.magnitudePrior) return this.logPrior;
    const half = divide(alpha, 2);
    const [k, m] = em.freezePrior ? ["key", "value"] : [key, value];
    const keyNorm = this.norm(load(k, [...this.units, this.d].map(index)), this.d);
    const terms = [multiply(half, multiply(em.positions.key ? 2 : 1, keyNorm))];
    if (em.positions.query) terms.push(multiply(half, this.norm(this.queryPosition(), this.d)));
    if (em.positions.key) terms.push(multiply(half, this.norm(this.keyPosition(), this.d)));
    terms.push(
      multiply(divide(beta, 2), this.norm(load(m, [...this.units, this.v].map(index)), this.v)),
    );
    return add(this.logPrior, total(terms));
  }

  private score(key: string, value: string): Expr {
    const { em, alpha, beta, d, v } = this;
    const query = load("query", [...this.owners, d].map(index));
    const centre = load(key, [...this.units, d].map(index));
    const energies = [this.norm(subtract(query, centre), d)];
    if (em.positions.query) energies.push(this.norm(subtract(query, this.queryPosition()), d));
    if (em.positions.key) energies.push(this.norm(subtract(centre, this.keyPosition()), d));
    const byQuery = subtract(
      this.normaliser(alpha, d),
      multiply(divide(alpha, 2), total(energies)),
    );
    if (!em.annotated || em.paperCompat) return byQuery;
    const gap = subtract(
      load("fixed", [...this.owners, v].map(index)),
      load(value, [...this.units, v].map(index)),
    );
    const byValue = subtract(
      this.normaliser(beta, v),
      multiply(divide(beta, 2), this.norm(gap, v)),
    );
    return add(byQuery, where(this.isFixed, byValue, 0));
  }

  /** C/2 log α, 0 for a precision of 0; constants (2π) are dropped throughout. */
  private normaliser(precision: Expr, feature: Axis): Expr {
    if (!this.normalised) return number(0);
    const half = divide(size(feature.size), 2);
    return where(binary("equal", precision, number(0)), 0, multiply(half, log(precision)));
  }

  private norm(of: Expr, feature: Axis): Expr {
    return sum(feature, multiply(of, of));
  }

  private queryPosition(): Expr {
    return load("query_position", [this.scope.receiver, this.scope.sender, this.d].map(index));
  }

  keyPosition(): Expr {
    return load("key_position", [this.scope.sender, this.scope.receiver, this.d].map(index));
  }

  private requirePositions(): void {
    const { positions } = this.em;
    if (positions.query) this.scope.require("query_position", ["N", "M", "D"]);
    if (positions.key) this.scope.require("key_position", ["M", "N", "D"]);
    if (positions.value) this.scope.require("value_position", ["N", "M", "V"]);
  }
}
