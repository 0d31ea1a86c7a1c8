/** What an instance of a check is drawn from. */
import { normals, uniforms } from "edgewise";
import type { Measured } from "../../../experiment/checks.ts";
import { type Matrix, range, type Vector } from "./direct.ts";

export interface Draw {
  readonly matrix: (rows: number, columns: number, deviation?: number) => Matrix;
  readonly vector: (length: number, deviation?: number) => Vector;
  readonly whole: (low: number, high: number) => number;
  readonly between: (low: number, high: number) => number;
}

/** Stream of draws from a seed. */
export function drawing(seed: number): Draw {
  const [normal, uniform] = [normals(seed), uniforms(seed + 1)];
  const between = (low: number, high: number): number => low + (high - low) * uniform();
  const vector = (length: number, deviation = 1): Vector =>
    range(length).map(() => deviation * normal());
  return {
    vector,
    between,
    matrix: (rows, columns, deviation) => range(rows).map(() => vector(columns, deviation)),
    whole: (low, high) => Math.floor(between(low, high + 1)),
  };
}

/** Checks of one claim on one random instance. */
export type Checks = (draw: Draw) => Promise<Measured>;
