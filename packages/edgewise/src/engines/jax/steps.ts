/** Folds and node maps as operations on whole arrays. */
import { binary, type Expr, exp, index, number, where } from "../../ir/expr.ts";
import type {
  NodeMap,
  NormalisingFold,
  Result,
  Span,
  Support,
  TensorSpec,
  WeightedFold,
} from "../../ir/program.ts";
import { boundArray, type Environment } from "./bindings.ts";
import { Expressions } from "./expressions.ts";
import { type Arr, type Jax, withoutElements } from "./library.ts";
import { Operations, Scope } from "./operations.ts";
import { Axes, scalar, type Value } from "./value.ts";

/** What a fold can tell of itself, for those who count. */
export interface Seen {
  readonly step: NormalisingFold | WeightedFold;
  /** For each owner, how many edges there are. */
  readonly edges: Arr;
  /** For each owner, the greatest log weight and the log evidence. */
  readonly greatest?: Arr;
  readonly logEvidence?: Arr;
}

/** One call: where its tensors live, and who is told of its folds. */
export interface Call {
  readonly jax: Jax;
  /** Arrays that steps leave to those after them. */
  readonly scope: Scope;
  readonly see?: (seen: Seen) => void;
}

const nothing = Number.NEGATIVE_INFINITY;
const forbidden = number(nothing);

/** Runs a step with a scope of its own; tensors that it defines outlive it. */
export function runStep(
  step: NodeMap | NormalisingFold | WeightedFold,
  environment: Environment,
  call: Call,
): void {
  const scope = new Scope();
  const lowering = new StepLowering(environment, call, scope);
  try {
    lowering.run(step);
  } finally {
    scope.dispose();
  }
}

class StepLowering {
  private readonly environment: Environment;
  private readonly call: Call;
  private readonly operations: Operations;
  private readonly expressions: Expressions;

  constructor(environment: Environment, call: Call, scope: Scope) {
    this.environment = environment;
    this.call = call;
    this.operations = new Operations(call.jax, scope, new Axes());
    this.expressions = new Expressions(this.operations, environment);
  }

  run(step: NodeMap | NormalisingFold | WeightedFold): void {
    if (step.kind === "map") this.map(step);
    else if (step.kind === "weigh") this.weigh(step);
    else this.normalise(step);
  }

  private map({ over, results }: NodeMap): void {
    this.expressions.declare(over);
    this.land(
      results,
      over.map(({ name }) => name),
      [],
    );
  }

  private weigh(step: WeightedFold): void {
    const { over, edges, logWeight, results } = step;
    this.expressions.declare([...over, edges.axis]);
    const exists = conditionOf(edges);
    this.see(step, exists);
    const weight = this.expressions.value(exp(where(exists, logWeight, forbidden)));
    const owners = over.map(({ name }) => name);
    this.land(results, [...owners, edges.axis.name], [weight]);
  }

  private normalise(step: NormalisingFold): void {
    const { over, edges, logWeight, logEvidence, expectations } = step;
    const { operations } = this;
    this.expressions.declare([...over, edges.axis]);
    const extents = operations.axes.shapeOf([...over, edges.axis].map(({ name }) => name));
    if (extents.includes(0)) throw withoutElements(`edges of ${logEvidence.name}`, extents);
    const [owners, edge] = [over.map(({ name }) => name), edges.axis.name];
    const exists = conditionOf(edges);
    const scores = this.expressions.value(where(exists, logWeight, forbidden));
    const greatest = operations.unary("held", operations.greatest(scores, [edge]));
    const isEmpty = operations.binary("equal", greatest, scalar(nothing));
    const top = operations.where(isEmpty, scalar(0), greatest);
    const weight = operations.unary("exp", operations.binary("subtract", scores, top));
    const total = operations.where(isEmpty, scalar(1), operations.contract([weight], [edge]));
    const evidence = operations.where(
      isEmpty,
      scalar(nothing),
      operations.binary("add", top, operations.unary("log", total)),
    );
    this.define(logEvidence, evidence, owners);
    const probability = operations.binary("divide", weight, total);
    const results = expectations.map(
      (of): Result => ({
        ...of,
        at: [...over, ...of.along].map(index),
      }),
    );
    this.land(results, [...owners, edge], [probability]);
    this.see(
      step,
      exists,
      operations.filled(greatest, owners),
      operations.filled(evidence, owners),
    );
  }

  private define({ name }: TensorSpec, value: Value, axes: readonly string[]): void {
    const array = this.operations.filled(value, axes);
    this.environment.set(name, boundArray(this.call.scope.keep(array.ref)));
  }

  /** Adds values, times weights of the edges, up where they land. */
  private land(
    results: readonly Result[],
    points: readonly string[],
    weights: readonly Value[],
  ): void {
    const sums = new Map<string, Arr>();
    for (const result of results) {
      const made = this.landed(result, points, weights);
      const before = sums.get(result.name);
      const { scope, jax } = this.operations;
      sums.set(
        result.name,
        before === undefined ? made : scope.keep(jax.numpy.add(before.ref, made.ref)),
      );
    }
    for (const [name, array] of sums)
      this.environment.set(name, boundArray(this.call.scope.keep(array.ref)));
  }

  private landed(result: Result, points: readonly string[], weights: readonly Value[]): Arr {
    const { operations, expressions, environment } = this;
    expressions.declare(result.along);
    const loops = [...points, ...result.along.map(({ name }) => name)];
    const shape = result.shape.map((size) => environment.size(size));
    const extents = [...shape, ...operations.axes.shapeOf(loops)];
    if (extents.includes(0)) throw withoutElements(result.name, shape);
    const places: Value[] = [];
    const target: string[] = [];
    result.at.forEach((place, k) => {
      const extent = shape[k] as number;
      if (extent === 1) return;
      const loop = expressions.isLoop(place, extent) ? expressions.value(place).axes[0] : undefined;
      if (loop !== undefined && !target.includes(loop)) target.push(loop);
      else {
        const name = `${result.name}·${k}`;
        places.push(expressions.chosen(place, name, extent));
        target.push(name);
      }
    });
    const over = loops.filter((name) => !target.includes(name));
    const isAsItIs = over.length === 0 && places.length === 0 && weights.length === 0;
    const values = isAsItIs
      ? [expressions.value(result.value)]
      : this.valuesOf(result.value, points, weights);
    const value = isAsItIs
      ? (values[0] as Value)
      : operations.contract([...weights, ...places, ...values], over);
    const sorted = operations.axes.sorted(target);
    const array = operations.filled(value, sorted);
    const turned = array.ref.transpose(target.map((name) => sorted.indexOf(name)));
    return operations.scope.keep(turned.reshape(shape));
  }

  /**
   * Factors of a value. What is one number for each edge, or differs along a row, may be no number
   * where there is no edge; what only the alternative has stays a factor of a product of matrices.
   */
  private valuesOf(e: Expr, points: readonly string[], [weight]: readonly Value[]): Value[] {
    const { operations } = this;
    const factors = this.expressions.factors(e);
    if (weight === undefined) return factors;
    const [edge, row] = [points.at(-1) as string, points.at(-2)];
    const isThere = operations.binary("less", scalar(0), weight);
    const isOfEdge = ({ axes }: Value): boolean =>
      axes.includes(edge) &&
      ((row !== undefined && axes.includes(row)) ||
        axes.every((name) => weight.axes.includes(name)));
    return factors.map((of) =>
      of.kind === "traced" && isOfEdge(of) ? operations.where(isThere, of, scalar(0)) : of,
    );
  }

  private see(
    step: NormalisingFold | WeightedFold,
    exists: Expr,
    greatest?: Arr,
    logEvidence?: Arr,
  ): void {
    const { see, scope } = this.call;
    if (see === undefined) return;
    const owners = step.over.map(({ name }) => name);
    const test = this.expressions.value(where(exists, number(1), number(0)));
    const count = this.operations.contract([test], [step.edges.axis.name]);
    const kept = (array: Arr): Arr => scope.keep(array.ref);
    see({
      step,
      edges: kept(this.operations.filled(count, owners)),
      ...(greatest && { greatest: kept(greatest) }),
      ...(logEvidence && { logEvidence: kept(logEvidence) }),
    });
  }
}

/** Where an alternative is an edge: between the ends of its intervals, and under the condition. */
function conditionOf(edges: Support): Expr {
  const j = index(edges.axis);
  const inside = ({ from, to }: Span): Expr[] => [
    ...(from ? [binary("lessEqual", from, j)] : []),
    ...(to ? [binary("less", j, to)] : []),
  ];
  const all = (tests: readonly Expr[]): Expr =>
    tests.reduce((left, right) => binary("and", left, right), number(1));
  const spans = edges.spans?.map((span) => all(inside(span)));
  const some = spans?.reduce((left, right) => binary("or", left, right), number(0));
  return all([...inside(edges), ...(some ? [some] : []), ...(edges.where ? [edges.where] : [])]);
}
