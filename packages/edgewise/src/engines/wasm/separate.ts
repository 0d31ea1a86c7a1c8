/**
 * Products of matrices inside larger maps, as maps of their own: σ(W x + b) is a product, then a
 * loop over its numbers.
 */
import {
  type Axis,
  type Expr,
  freeAxes,
  index,
  type LoadExpr,
  load,
  rewrite,
} from "../../ir/expr.ts";
import { map } from "../../ir/fold.ts";
import { type NodeMap, nameOf, type Result, type Step } from "../../ir/program.ts";
import { isFixed } from "./kernel/map/part.ts";

export function separated(steps: readonly Step[]): Step[] {
  return steps.flatMap((step): Step[] => {
    if (step.kind === "map") return apart(step);
    if (step.kind !== "fixedPoint") return [step];
    const blocks = step.blocks.map((block) => ({ ...block, steps: separated(block.steps) }));
    return [{ ...step, blocks }];
  });
}

function apart(step: NodeMap): Step[] {
  const products: NodeMap[] = [];
  const known = new Map<Expr, Expr>();
  const results = step.results.map((result): Result => {
    const loops = [...step.over, ...result.along];
    const visit = (e: Expr): Expr => {
      if (e.kind !== "reduce" || !isProduct(e)) return e;
      const before = known.get(e);
      if (before !== undefined) return before;
      const axes = loops.filter(({ name }) => freeAxes(e).has(name));
      const name = `product ${products.length + 1} of ${nameOf(step)}`;
      products.push(map(name, axes, e));
      const made = load(name, axes.map(index));
      known.set(e, made);
      return made;
    };
    return isProduct(bare(result.value))
      ? result
      : { ...result, value: rewrite(result.value, visit) };
  });
  return products.length === 0 ? [step] : [...products, { ...step, results }];
}

/** A value without what scales it, which a product can do itself. */
function bare(e: Expr): Expr {
  if (e.kind === "unary" && e.op === "negate") return bare(e.of);
  if (e.kind !== "binary" || (e.op !== "multiply" && e.op !== "divide")) return e;
  if (isFixed(e.right)) return bare(e.left);
  return e.op === "multiply" && isFixed(e.left) ? bare(e.right) : e;
}

/** Whether a sum is of products of two loads, each with a loop that the other does not have. */
function isProduct(e: Expr): boolean {
  if (e.kind !== "reduce" || e.op !== "sum") return false;
  const { of, axis } = e;
  if (of.kind !== "binary" || of.op !== "multiply") return false;
  const [a, b] = [of.left, of.right];
  return isPlain(a, axis) && isPlain(b, axis) && hasMore(a, b) && hasMore(b, a);
}

const isPlain = (e: Expr, axis: Axis): e is LoadExpr =>
  e.kind === "load" &&
  !e.checked &&
  e.at.every((o) => o.kind === "index") &&
  freeAxes(e).has(axis.name);

const hasMore = (a: Expr, b: Expr): boolean =>
  [...freeAxes(a)].some((name) => !freeAxes(b).has(name));
