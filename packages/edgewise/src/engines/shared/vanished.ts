/** Edges that exist and have no weight: by what was declared, or because a number left its range. */

import { EdgewiseError } from "../../errors/edgewiseError.ts";
import { type Expr, nodesOf } from "../../ir/expr.ts";
import { printExpr } from "../../ir/print.ts";

const isForbidden = (e: Expr): boolean =>
  e.kind === "number" && e.value === Number.NEGATIVE_INFINITY;

/** What in an expression says −∞: tensors that hold it, a constant, logarithms of 0. */
function sourcesOf(of: Expr, holds: (tensor: string, value: number) => boolean): Set<string> {
  const loads = (e: Expr): string[] =>
    nodesOf([e]).flatMap((inner) => (inner.kind === "load" ? [inner.tensor] : []));
  const found = nodesOf([of]).flatMap((e): string[] => {
    if (e.kind === "load") return holds(e.tensor, Number.NEGATIVE_INFINITY) ? [e.tensor] : [];
    if (isForbidden(e)) return ["forbidden"];
    if (e.kind !== "unary" || e.op !== "log") return [];
    const zeros = loads(e.of).filter((tensor) => holds(tensor, 0));
    const isOfIndices = nodesOf([e.of]).some(({ kind }) => kind === "index");
    return zeros.length === 0 && isOfIndices && loads(e.of).length === 0 ? ["log"] : zeros;
  });
  return new Set(found);
}

/**
 * Refusal of an owner all of whose edges have the log weight −∞, unless that is what was said: by a
 * constant, the logarithm of 0, or −∞ in a tensor that is read. Any other −∞ is a sum or product
 * beyond the numbers of the engine, of which there is no posterior; next to edges that do have a
 * weight it is 0 for all that can be told.
 */
export function refusalOfVanished(
  logWeight: Expr,
  condition: Expr | undefined,
  holds: (tensor: string, value: number) => boolean,
): EdgewiseError | undefined {
  const sources = sourcesOf(logWeight, holds);
  // Edges for which these are −∞ are no edges.
  for (const e of nodesOf(condition === undefined ? [] : [condition]))
    if (e.kind === "binary" && e.op === "equal" && isForbidden(e.right))
      for (const source of sourcesOf(e.left, holds)) sources.delete(source);
  if (sources.size > 0) return undefined;
  return new EdgewiseError({
    code: "not_finite",
    where: "log weight of an edge",
    got: `-Infinity on every edge of a node, from ${printExpr(logWeight)}`.slice(0, 400),
    expected: "a finite number on one of them, or forbidden where there is no edge",
    fix: "scale the inputs down, or name the engine reference: products and squares stay below 3.4e38 in single precision, 1.8e308 in double",
  });
}
