import type { Expr } from "../ir/expr.ts";
import { number } from "../ir/expr.ts";
import type { EdgeScope } from "./edgeScope.ts";

/** Learnable number: a tensor given with the inputs, one value or one per head, batch or node. */
export interface Parameter {
  readonly parameter: string;
  /** Shape letters, such as `["H"]` for one value per head. */
  readonly shape: readonly string[];
}

/** Number of a declaration: fixed, or a parameter with a gradient. */
export type Quantity = number | Parameter;

/** Learnable number under the name of an input tensor. */
export function parameter(name: string, shape: readonly string[] = []): Parameter {
  return { parameter: name, shape };
}

export function lowerQuantity(quantity: Quantity, scope: EdgeScope): Expr {
  return typeof quantity === "number"
    ? number(quantity)
    : scope.tensor(quantity.parameter, quantity.shape);
}
