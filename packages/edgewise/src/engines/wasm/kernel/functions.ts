/** Functions of one number that WebAssembly has no instruction for: they are called where needed. */
import { normalCdf, softplus } from "../../../array/special.ts";
import { call, type Value } from "../assembler/code.ts";
import type { Import } from "../assembler/module.ts";

export type Called = "exp" | "log" | "tanh" | "sin" | "cos" | "softplus" | "normalCdf" | "power";

const one: Import["params"] = ["f64"];

/** In the order of their numbers in a module. */
export const calledImports: readonly Import[] = [
  ...(["exp", "log", "tanh", "sin", "cos", "softplus", "normalCdf"] as const).map((name) => ({
    name,
    params: one,
    result: "f64" as const,
  })),
  { name: "power", params: ["f64", "f64"], result: "f64" },
];

/** What a module is given for them. */
export const calledFunctions: Readonly<Record<Called, (...of: number[]) => number>> = {
  exp: Math.exp,
  log: Math.log,
  tanh: Math.tanh,
  sin: Math.sin,
  cos: Math.cos,
  softplus: softplus as (...of: number[]) => number,
  normalCdf: normalCdf as (...of: number[]) => number,
  power: Math.pow,
};

export function called(name: Called, ...args: readonly Value[]): Value {
  return call(
    calledImports.findIndex((one) => one.name === name),
    "f64",
    ...args,
  );
}
