/** Texts that can say of an edge that it does not exist. */
import { type Expr, nodesOf } from "../ir/expr.ts";

/**
 * Whether a text's value may be −∞ by what it says: a constant, a tensor of its own that may hold it,
 * a logarithm or a power of 0, or a division by 0. Sums and products of finite numbers are finite; where an engine's
 * numbers end before, that is no edge's wish.
 */
export function mayForbid(logWeight: Expr): boolean {
  return nodesOf([logWeight]).some((e) => {
    switch (e.kind) {
      case "number":
        return e.value === Number.NEGATIVE_INFINITY;
      case "load":
        return e.checked === true;
      case "unary":
        return e.op === "log";
      case "binary":
        return e.op === "power" || (e.op === "divide" && isMade(e.right));
      default:
        return false;
    }
  });
}

/** Whether a divisor is worked out from indices or scores, rather than written or declared. */
const isMade = (e: Expr): boolean =>
  nodesOf([e]).some(({ kind }) => kind === "index" || kind === "reduce");
