import { normalCdf, softplus } from "../../array/special.ts";
import type { BinaryExpr, UnaryExpr } from "../../ir/expr.ts";

/** A value at the present point of the loops. */
export type Evaluate = () => number;

export function unary({ op }: UnaryExpr, of: Evaluate): Evaluate {
  switch (op) {
    case "negate":
      return () => -of();
    case "exp":
      return () => Math.exp(of());
    case "log":
      return () => Math.log(of());
    case "sqrt":
      return () => Math.sqrt(of());
    case "tanh":
      return () => Math.tanh(of());
    case "sin":
      return () => Math.sin(of());
    case "cos":
      return () => Math.cos(of());
    case "abs":
      return () => Math.abs(of());
    case "sign":
      return () => Math.sign(of());
    case "floor":
      return () => Math.floor(of());
    case "not":
      return () => (of() === 0 ? 1 : 0);
    case "softplus":
      return () => softplus(of());
    case "normalCdf":
      return () => normalCdf(of());
    case "held":
      return of;
    default:
      return op satisfies never;
  }
}

export function binary({ op }: BinaryExpr, left: Evaluate, right: Evaluate): Evaluate {
  switch (op) {
    case "add":
      return () => left() + right();
    case "subtract":
      return () => left() - right();
    case "multiply":
      return () => left() * right();
    case "divide":
      return () => left() / right();
    case "power":
      return () => left() ** right();
    case "min":
      return () => Math.min(left(), right());
    case "max":
      return () => Math.max(left(), right());
    case "mod":
      return () => {
        const [a, b] = [left(), right()];
        return a - b * Math.floor(a / b);
      };
    case "less":
      return () => (left() < right() ? 1 : 0);
    case "lessEqual":
      return () => (left() <= right() ? 1 : 0);
    case "equal":
      return () => (left() === right() ? 1 : 0);
    case "and":
      return () => (left() !== 0 && right() !== 0 ? 1 : 0);
    case "or":
      return () => (left() !== 0 || right() !== 0 ? 1 : 0);
    default:
      return op satisfies never;
  }
}
