/** Operations on numbers that are known before jax-js sees anything. */
import { normalCdf, softplus } from "../../array/special.ts";
import type { BinaryOp, UnaryOp } from "../../ir/expr.ts";

export const unaryOf: Readonly<Record<UnaryOp, (x: number) => number>> = {
  negate: (x) => -x,
  exp: Math.exp,
  log: Math.log,
  sqrt: Math.sqrt,
  tanh: Math.tanh,
  sin: Math.sin,
  cos: Math.cos,
  abs: Math.abs,
  sign: Math.sign,
  floor: Math.floor,
  not: (x) => (x === 0 ? 1 : 0),
  softplus,
  normalCdf,
  held: (x) => x,
};

export const binaryOf: Readonly<Record<BinaryOp, (x: number, y: number) => number>> = {
  add: (x, y) => x + y,
  subtract: (x, y) => x - y,
  multiply: (x, y) => x * y,
  divide: (x, y) => x / y,
  power: (x, y) => x ** y,
  min: Math.min,
  max: Math.max,
  mod: (x, y) => x - y * Math.floor(x / y),
  less: (x, y) => (x < y ? 1 : 0),
  lessEqual: (x, y) => (x <= y ? 1 : 0),
  equal: (x, y) => (x === y ? 1 : 0),
  and: (x, y) => (x !== 0 && y !== 0 ? 1 : 0),
  or: (x, y) => (x !== 0 || y !== 0 ? 1 : 0),
};
