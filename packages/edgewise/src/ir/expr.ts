/**
 * Scalar expressions at one point of a program's loops: one edge, one node, one feature.
 *
 * An expression is plain data. Nodes that are the same object are computed once, so sharing a
 * node shares its work; nothing here looks at a tensor's numbers.
 */

/** Extent of a loop or a dimension: a number, a symbol bound by an input, or `tensor@k`. */
export type Size = string | number;

/** Named loop with its extent. */
export interface Axis {
  readonly name: string;
  readonly size: Size;
}

export type UnaryOp =
  | "negate"
  | "exp"
  | "log"
  | "sqrt"
  | "tanh"
  | "sin"
  | "cos"
  | "abs"
  | "sign"
  | "floor"
  | "not"
  /** log(1 + exp x). */
  | "softplus"
  /** Standard normal distribution function. */
  | "normalCdf"
  /** The value of its operand as a constant: no gradient passes through. */
  | "held";

export type BinaryOp =
  | "add"
  | "subtract"
  | "multiply"
  | "divide"
  | "power"
  | "min"
  | "max"
  | "mod"
  | "less"
  | "lessEqual"
  | "equal"
  | "and"
  | "or";

export interface NumberExpr {
  readonly kind: "number";
  readonly value: number;
}
export interface IndexExpr {
  readonly kind: "index";
  readonly axis: string;
}
export interface SizeExpr {
  readonly kind: "size";
  readonly size: Size;
}
/** Largest relative error of one operation: 2⁻⁵³ on engines in double precision, 2⁻²⁴ in single. */
export interface RoundoffExpr {
  readonly kind: "roundoff";
}
/** Element of a tensor. `checked` loads come from a text: leaving the tensor is the writer's error. */
export interface LoadExpr {
  readonly kind: "load";
  readonly tensor: string;
  readonly at: readonly Expr[];
  readonly checked?: boolean;
}
export interface UnaryExpr {
  readonly kind: "unary";
  readonly op: UnaryOp;
  readonly of: Expr;
}
export interface BinaryExpr {
  readonly kind: "binary";
  readonly op: BinaryOp;
  readonly left: Expr;
  readonly right: Expr;
}
/** `test ≠ 0 ? taken : otherwise`; only the chosen branch is evaluated. */
export interface WhereExpr {
  readonly kind: "where";
  readonly test: Expr;
  readonly taken: Expr;
  readonly otherwise: Expr;
}
/** Sum or greatest value over an axis of its own, such as the features of a dot product. */
export interface ReduceExpr {
  readonly kind: "reduce";
  readonly op: "sum" | "greatest";
  readonly axis: Axis;
  readonly of: Expr;
}

export type Expr =
  | NumberExpr
  | IndexExpr
  | SizeExpr
  | RoundoffExpr
  | LoadExpr
  | UnaryExpr
  | BinaryExpr
  | WhereExpr
  | ReduceExpr;

/** What reads as an expression: an expression, or a number for itself. */
export type Scalar = Expr | number;

export const axis = (name: string, size: Size): Axis => ({ name, size });
export const number = (value: number): Expr => ({ kind: "number", value });
export const expr = (value: Scalar): Expr => (typeof value === "number" ? number(value) : value);
export const index = (of: Axis | string): Expr => ({
  kind: "index",
  axis: typeof of === "string" ? of : of.name,
});
export const size = (of: Size): Expr =>
  typeof of === "number" ? number(of) : { kind: "size", size: of };
export const roundoff: Expr = { kind: "roundoff" };
export const load = (tensor: string, at: readonly Scalar[] = []): Expr => ({
  kind: "load",
  tensor,
  at: at.map(expr),
});
export const reduce = (op: "sum" | "greatest", over: Axis, of: Scalar): Expr => ({
  kind: "reduce",
  op,
  axis: over,
  of: expr(of),
});
export const sum = (over: Axis, of: Scalar): Expr => reduce("sum", over, of);

const isNumber = (e: Expr, value: number): boolean => e.kind === "number" && e.value === value;

export const unary = (op: UnaryOp, of: Scalar): Expr => ({ kind: "unary", op, of: expr(of) });
export const binary = (op: BinaryOp, left: Scalar, right: Scalar): Expr => ({
  kind: "binary",
  op,
  left: expr(left),
  right: expr(right),
});

// The builders drop neutral elements, so that programs print as a person would write them.
export function add(left: Scalar, right: Scalar): Expr {
  const [a, b] = [expr(left), expr(right)];
  if (isNumber(a, 0)) return b;
  return isNumber(b, 0) ? a : binary("add", a, b);
}
export function subtract(left: Scalar, right: Scalar): Expr {
  const [a, b] = [expr(left), expr(right)];
  if (isNumber(b, 0)) return a;
  return isNumber(a, 0) ? negate(b) : binary("subtract", a, b);
}
export function multiply(left: Scalar, right: Scalar): Expr {
  const [a, b] = [expr(left), expr(right)];
  if (isNumber(a, 0) || isNumber(b, 0)) return number(0);
  if (isNumber(a, 1)) return b;
  return isNumber(b, 1) ? a : binary("multiply", a, b);
}
export function divide(left: Scalar, right: Scalar): Expr {
  const [a, b] = [expr(left), expr(right)];
  if (isNumber(a, 0)) return a;
  return isNumber(b, 1) ? a : binary("divide", a, b);
}
export function negate(of: Scalar): Expr {
  const e = expr(of);
  if (e.kind === "number") return number(-e.value);
  return e.kind === "unary" && e.op === "negate" ? e.of : unary("negate", e);
}
export function where(test: Scalar, taken: Scalar, otherwise: Scalar): Expr {
  return { kind: "where", test: expr(test), taken: expr(taken), otherwise: expr(otherwise) };
}
export const total = (terms: readonly Scalar[]): Expr =>
  terms.reduce<Expr>((a, b) => add(a, b), number(0));
export const exp = (of: Scalar): Expr => unary("exp", of);
export const log = (of: Scalar): Expr => unary("log", of);
export const sqrt = (of: Scalar): Expr => unary("sqrt", of);
export const held = (of: Scalar): Expr => unary("held", of);
export const and = (left: Expr | undefined, right: Expr): Expr =>
  left === undefined ? right : binary("and", left, right);

/** Direct operands of an expression, in order. */
export function operands(e: Expr): readonly Expr[] {
  switch (e.kind) {
    case "number":
    case "index":
    case "size":
    case "roundoff":
      return [];
    case "load":
      return e.at;
    case "unary":
    case "reduce":
      return [e.of];
    case "binary":
      return [e.left, e.right];
    case "where":
      return [e.test, e.taken, e.otherwise];
    default:
      return e satisfies never;
  }
}

/** The same expression with other operands; the same object when none differs. */
export function withOperands(e: Expr, next: readonly Expr[]): Expr {
  if (operands(e).every((operand, k) => operand === next[k])) return e;
  const [a, b, c] = next as [Expr, Expr, Expr];
  switch (e.kind) {
    case "load":
      return { ...e, at: next };
    case "unary":
    case "reduce":
      return { ...e, of: a };
    case "binary":
      return { ...e, left: a, right: b };
    case "where":
      return { ...e, test: a, taken: b, otherwise: c };
    default:
      return e;
  }
}

/**
 * Rewrites an expression from the leaves up. Shared nodes are rewritten once and stay shared;
 * what `visit` leaves alone stays the same object.
 */
export function rewrite(
  root: Expr,
  visit: (e: Expr) => Expr,
  done: Map<Expr, Expr> = new Map(),
): Expr {
  const before = done.get(root);
  if (before !== undefined) return before;
  const after = visit(
    withOperands(
      root,
      operands(root).map((operand) => rewrite(operand, visit, done)),
    ),
  );
  done.set(root, after);
  return after;
}

/** Replaces loop indices by expressions: the edge of another loop, a chosen sender. */
export function substitute(root: Expr, indices: Readonly<Record<string, Expr>>): Expr {
  return rewrite(root, (e) => (e.kind === "index" ? (indices[e.axis] ?? e) : e));
}

/** Renames the tensors that an expression reads; what a text loads is an input and keeps its name. */
export function renameTensors(
  root: Expr,
  names: ReadonlyMap<string, string>,
  done: Map<Expr, Expr> = new Map(),
): Expr {
  const rename = (e: Expr): Expr =>
    e.kind === "load" && !e.checked && names.has(e.tensor)
      ? { ...e, tensor: names.get(e.tensor) as string }
      : e;
  return rewrite(root, rename, done);
}

/** Loop indices that an expression depends on, those of its own reductions excluded. */
export function freeAxes(
  root: Expr,
  done: Map<Expr, ReadonlySet<string>> = new Map(),
): ReadonlySet<string> {
  const before = done.get(root);
  if (before !== undefined) return before;
  const free = new Set<string>();
  if (root.kind === "index") free.add(root.axis);
  for (const operand of operands(root)) for (const name of freeAxes(operand, done)) free.add(name);
  if (root.kind === "reduce") free.delete(root.axis.name);
  done.set(root, free);
  return free;
}

/** Every node of an expression once, operands before what uses them. */
export function nodesOf(roots: readonly Expr[]): Expr[] {
  const seen = new Set<Expr>();
  const order: Expr[] = [];
  const visit = (e: Expr): void => {
    if (seen.has(e)) return;
    seen.add(e);
    for (const operand of operands(e)) visit(operand);
    order.push(e);
  };
  for (const root of roots) visit(root);
  return order;
}
