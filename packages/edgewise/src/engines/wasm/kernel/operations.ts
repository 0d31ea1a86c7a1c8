/** Operations on numbers in double precision. */
import type { BinaryExpr, UnaryExpr } from "../../../ir/expr.ts";
import { type Code, get, select, type Value, w } from "../assembler/code.ts";
import { called } from "./functions.ts";

/** Instructions that compare. */
export const comparisons: Partial<Record<BinaryExpr["op"], string>> = {
  less: "f64.lt",
  lessEqual: "f64.le",
  equal: "f64.eq",
};

/** Whether an operation answers 1 or 0. */
export const isTest = ({ op }: BinaryExpr): boolean =>
  op in comparisons || op === "and" || op === "or";

export function unary(code: Code, op: Exclude<UnaryExpr["op"], "not">, of: Value): Value {
  switch (op) {
    case "negate":
      return w("f64.neg", of);
    case "sqrt":
    case "abs":
    case "floor":
      return w(`f64.${op}`, of);
    case "held":
      return of;
    case "sign": {
      const at = code.local("f64", of);
      const signed = w("f64.copysign", 1, at);
      // sign(0) is 0 and sign(NaN) is NaN.
      return select(w("f64.gt", w("f64.abs", at), 0), signed, get(at));
    }
    case "exp":
    case "log":
    case "tanh":
    case "sin":
    case "cos":
    case "softplus":
    case "normalCdf":
      return called(op, of);
    default:
      return op satisfies never;
  }
}

/** Operations that answer a number; those that answer 1 or 0 are tests. */
export function binary(code: Code, op: BinaryExpr["op"], left: Value, right: Value): Value {
  switch (op) {
    case "add":
      return w("f64.add", left, right);
    case "subtract":
      return w("f64.sub", left, right);
    case "multiply":
      return w("f64.mul", left, right);
    case "divide":
      return w("f64.div", left, right);
    case "min":
    case "max":
      return w(`f64.${op}`, left, right);
    case "power":
      return called("power", left, right);
    case "mod": {
      const [a, b] = [code.local("f64", left), code.local("f64", right)];
      return w("f64.sub", a, w("f64.mul", b, w("f64.floor", w("f64.div", a, b))));
    }
    default:
      throw new Error(`no code for ${op}`);
  }
}
