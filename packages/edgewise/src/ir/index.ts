/** The intermediate representation, for authors of engines. */

export type {
  Axis,
  Expr,
  Scalar,
  Size,
} from "./expr.ts";
export {
  add,
  axis,
  binary,
  divide,
  exp,
  held,
  index,
  load,
  log,
  multiply,
  negate,
  number,
  reduce,
  roundoff,
  size,
  sqrt,
  subtract,
  sum,
  total,
  unary,
  where,
} from "./expr.ts";
export { at, map, normalise, result, weigh } from "./fold.ts";
export { gradient } from "./gradient.ts";
export { print, printExpr } from "./print.ts";
export type {
  Block,
  Choice,
  Expectation,
  FixedPoint,
  NodeMap,
  NormalisingFold,
  Program,
  Result,
  RoutineStep,
  Step,
  Support,
  TensorSpec,
  WeightedFold,
} from "./program.ts";
export { defines } from "./program.ts";
export { captured, renamed } from "./reads.ts";
export { simplify } from "./simplify.ts";
export { checked, faults } from "./spec.ts";
export { parse, type TextScope } from "./text.ts";
