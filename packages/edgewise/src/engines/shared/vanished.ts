/** Edges that exist and have no weight: by what was declared, or because a number left its range. */

import { EdgewiseError } from "../../errors/edgewiseError.ts";
import { type Expr, nodesOf } from "../../ir/expr.ts";
import { printExpr } from "../../ir/print.ts";

/**
 * Refusal of an owner all of whose edges have the log weight −∞, unless that is what was said: by a
 * constant, the logarithm of 0, or −∞ in a tensor that is read. Any other −∞ is a sum or product
 * beyond the numbers of the engine, of which there is no posterior; next to edges that do have a
 * weight it is 0 for all that can be told.
 */
export function refusalOfVanished(
  logWeight: Expr,
  holdsForbidden: (tensor: string) => boolean,
): EdgewiseError | undefined {
  const isMeant = nodesOf([logWeight]).some((e) => {
    if (e.kind === "load") return holdsForbidden(e.tensor);
    if (e.kind === "number") return e.value === Number.NEGATIVE_INFINITY;
    return e.kind === "unary" && e.op === "log";
  });
  if (isMeant) return undefined;
  return new EdgewiseError({
    code: "not_finite",
    where: "log weight of an edge",
    got: `-Infinity on every edge of a node, from ${printExpr(logWeight)}`.slice(0, 400),
    expected: "a finite number on one of them, or forbidden where there is no edge",
    fix: "scale the inputs down, or name the engine reference: products and squares stay below 3.4e38 in single precision, 1.8e308 in double",
  });
}
