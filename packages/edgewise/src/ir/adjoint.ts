/**
 * Reverse differentiation of one point's expressions: who reads which tensor element, and with
 * which derivative. Sums over features become loops of the answer; what does not depend on such a
 * loop is summed first and leaves it, so that no product is formed twice.
 */
import {
  type Axis,
  add,
  type BinaryExpr,
  binary,
  divide,
  type Expr,
  exp,
  freeAxes,
  index,
  type LoadExpr,
  log,
  multiply,
  negate,
  nodesOf,
  number,
  operands,
  type ReduceExpr,
  size,
  substitute,
  subtract,
  sum,
  type UnaryExpr,
  unary,
  where,
} from "./expr.ts";

/** An expression with the derivative of the objective by it, inside loops of its own. */
export interface Seeded {
  readonly of: Expr;
  readonly seed: Expr;
  readonly along: readonly Axis[];
}

/** Derivative by one element of a tensor, to be added up over all points and `along`. */
export interface Contribution {
  readonly tensor: string;
  readonly at: readonly Expr[];
  readonly along: readonly Axis[];
  readonly value: Expr;
}

export interface AdjointOptions {
  /** Whether the gradient by a tensor is wanted. */
  readonly wanted: (tensor: string) => boolean;
  /** An axis of the same extent under a name that nothing else uses. */
  readonly fresh: (like: Axis) => Axis;
}

/** Contributions of all roots; roots in the same loops share their work. */
export function adjoints(roots: readonly Seeded[], options: AdjointOptions): Contribution[] {
  const scope = new Scope(options);
  const apart = roots.filter((root) => root.along.length > 0 && !scope.hasInvariants(root));
  const inPoint = roots.filter((root) => !apart.includes(root)).map(summed);
  if (inPoint.length > 0) scope.pull(inPoint, [], undefined);
  for (const root of apart) scope.pull([root], root.along, undefined);
  return scope.contributions;
}

/** A root in loops of its own as a sum over them, out of which its invariants are taken. */
function summed(root: Seeded): { of: Expr; seed: Expr } {
  const { of, seed, along } = root;
  if (along.length === 0) return root;
  return { of: along.reduceRight((e, loop) => sum(loop, e), multiply(seed, of)), seed: number(1) };
}

/** What leaves an inner loop: the loop's axis, and where its invariants are handed to. */
interface Inside {
  readonly axis: Axis;
  readonly outward: (e: Expr, adjoint: Expr) => void;
}

class Scope {
  readonly contributions: Contribution[] = [];
  private readonly options: AdjointOptions;
  private readonly free = new Map<Expr, ReadonlySet<string>>();
  private readonly matter = new Map<Expr, boolean>();

  constructor(options: AdjointOptions) {
    this.options = options;
  }

  pull(
    roots: readonly { of: Expr; seed: Expr }[],
    along: readonly Axis[],
    inside: Inside | undefined,
  ): void {
    const pending = new Map<Expr, Expr>();
    const give = (e: Expr, adjoint: Expr): void => {
      if (!this.matters(e) || isZero(adjoint)) return;
      if (inside !== undefined && !this.dependsOn(e, inside.axis)) inside.outward(e, adjoint);
      else pending.set(e, add(pending.get(e) ?? number(0), adjoint));
    };
    for (const { of, seed } of roots) give(of, seed);
    for (const e of this.order([...pending.keys()], inside?.axis)) {
      const adjoint = pending.get(e);
      if (adjoint === undefined) continue;
      if (e.kind === "load") this.contribute(e, adjoint, along);
      else if (e.kind === "reduce") this.enter(e, adjoint, along, give);
      else for (const [operand, partial] of partials(e, adjoint)) give(operand, partial);
    }
  }

  /** Whether a part of a root that matters is the same along one of the root's loops. */
  hasInvariants({ of, along }: Seeded): boolean {
    return nodesOf([of]).some(
      (e) => e.kind === "load" && this.matters(e) && along.some((axis) => !this.dependsOn(e, axis)),
    );
  }

  private contribute(e: LoadExpr, value: Expr, along: readonly Axis[]): void {
    this.contributions.push({ tensor: e.tensor, at: e.at, along, value });
  }

  private enter(
    e: ReduceExpr,
    adjoint: Expr,
    along: readonly Axis[],
    give: (e: Expr, a: Expr) => void,
  ): void {
    const axis = this.options.fresh(e.axis);
    const body = substitute(e.of, { [e.axis.name]: index(axis) });
    const seed = e.op === "sum" ? adjoint : where(binary("equal", body, e), adjoint, 0);
    const outward = (invariant: Expr, a: Expr): void =>
      give(invariant, this.dependsOn(a, axis) ? sum(axis, a) : multiply(size(axis.size), a));
    this.pull([{ of: body, seed }], [...along, axis], { axis, outward });
  }

  /** Nodes of one loop's scope, users before what they use. */
  private order(roots: readonly Expr[], axis: Axis | undefined): Expr[] {
    const seen = new Set<Expr>();
    const order: Expr[] = [];
    const visit = (e: Expr): void => {
      if (seen.has(e) || !this.matters(e) || (axis !== undefined && !this.dependsOn(e, axis)))
        return;
      seen.add(e);
      for (const operand of this.inScope(e)) visit(operand);
      order.push(e);
    };
    for (const root of roots) visit(root);
    return order.reverse();
  }

  /** Operands in the same loop: of a reduction, the parts that do not depend on its axis. */
  private inScope(e: Expr): Expr[] {
    if (e.kind !== "reduce") return differentiable(e);
    const parts: Expr[] = [];
    const visit = (part: Expr): void => {
      if (this.dependsOn(part, e.axis)) for (const inner of differentiable(part)) visit(inner);
      else parts.push(part);
    };
    visit(e.of);
    return parts;
  }

  private dependsOn(e: Expr, axis: Axis): boolean {
    return freeAxes(e, this.free).has(axis.name);
  }

  private matters(e: Expr): boolean {
    const before = this.matter.get(e);
    if (before !== undefined) return before;
    const answer =
      e.kind === "load"
        ? this.options.wanted(e.tensor)
        : differentiable(e).some((o) => this.matters(o));
    this.matter.set(e, answer);
    return answer;
  }
}

const isZero = (e: Expr): boolean => e.kind === "number" && e.value === 0;

/** Operands through which a derivative passes. */
function differentiable(e: Expr): Expr[] {
  if (e.kind === "load") return [];
  if (e.kind === "where") return [e.taken, e.otherwise];
  if (e.kind === "unary" && ["held", "floor", "sign", "not"].includes(e.op)) return [];
  if (e.kind === "binary" && ["less", "lessEqual", "equal", "and", "or"].includes(e.op)) return [];
  return [...operands(e)];
}

/**
 * Product of an adjoint and a derivative. It goes inside `where`, so that the derivative of a
 * branch that was not taken (often infinite) is never multiplied by 0.
 */
function times(adjoint: Expr, derivative: (a: Expr) => Expr): Expr {
  if (adjoint.kind !== "where") return derivative(adjoint);
  const branch = (e: Expr): Expr => (isZero(e) ? e : times(e, derivative));
  return where(adjoint.test, branch(adjoint.taken), branch(adjoint.otherwise));
}

function partials(e: Expr, adjoint: Expr): [Expr, Expr][] {
  switch (e.kind) {
    case "unary":
      return [[e.of, times(adjoint, (a) => unaryPartial(e, a))]];
    case "binary":
      return binaryPartials(e, adjoint);
    case "where":
      return [
        [e.taken, where(e.test, adjoint, 0)],
        [e.otherwise, where(e.test, 0, adjoint)],
      ];
    default:
      return [];
  }
}

function unaryPartial(e: UnaryExpr, a: Expr): Expr {
  switch (e.op) {
    case "negate":
      return negate(a);
    case "exp":
      return multiply(a, e);
    case "log":
      return divide(a, e.of);
    case "sqrt":
      return divide(a, multiply(2, e));
    case "tanh":
      return multiply(a, subtract(1, multiply(e, e)));
    case "sin":
      return multiply(a, unary("cos", e.of));
    case "cos":
      return negate(multiply(a, unary("sin", e.of)));
    case "abs":
      return multiply(a, unary("sign", e.of));
    case "softplus":
      return multiply(a, exp(negate(unary("softplus", negate(e.of)))));
    case "normalCdf":
      return multiply(
        multiply(a, 1 / Math.sqrt(2 * Math.PI)),
        exp(multiply(-0.5, multiply(e.of, e.of))),
      );
    case "sign":
    case "floor":
    case "not":
    case "held":
      return number(0);
    default:
      return e.op satisfies never;
  }
}

function binaryPartials(e: BinaryExpr, a: Expr): [Expr, Expr][] {
  const { left, right } = e;
  const both = (byLeft: (a: Expr) => Expr, byRight: (a: Expr) => Expr): [Expr, Expr][] => [
    [left, times(a, byLeft)],
    [right, times(a, byRight)],
  ];
  switch (e.op) {
    case "add":
      return both(
        (x) => x,
        (x) => x,
      );
    case "subtract":
      return both((x) => x, negate);
    case "multiply":
      return both(
        (x) => multiply(x, right),
        (x) => multiply(x, left),
      );
    case "divide":
      return both(
        (x) => divide(x, right),
        (x) => negate(divide(multiply(x, e), right)),
      );
    case "power":
      return both(
        (x) => multiply(multiply(x, right), binary("power", left, subtract(right, 1))),
        (x) => multiply(multiply(x, e), log(left)),
      );
    case "min":
    case "max": {
      const leftWins =
        e.op === "min" ? binary("lessEqual", left, right) : binary("lessEqual", right, left);
      return [
        [left, where(leftWins, a, 0)],
        [right, where(leftWins, 0, a)],
      ];
    }
    case "mod":
      return both(
        (x) => x,
        (x) => negate(multiply(x, unary("floor", divide(left, right)))),
      );
    case "less":
    case "lessEqual":
    case "equal":
    case "and":
    case "or":
      return [];
    default:
      return e.op satisfies never;
  }
}
