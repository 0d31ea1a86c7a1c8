/**
 * A program whose every stored number is moved by up to one rounding in single precision: what the
 * answers then differ by is what no engine in that precision can be asked to keep.
 */

import type { Inputs, Tensor } from "edgewise";
import {
  type Axis,
  add,
  axis,
  binary,
  type Expr,
  index,
  load,
  map,
  multiply,
  type Program,
  type RoutineStep,
  type Size,
  type Step,
  subtract,
  type TensorSpec,
  total,
  unary,
  where,
} from "edgewise/ir";
import { uniformFrom } from "../random.ts";
import { roundoff } from "./tolerance.ts";

/**
 * The program with another shake for each phase. A fine one moves the terms of sums over features
 * too, apart in each step, which takes the reference several times as long.
 */
export function shaken(program: Program, phase: number, isFine: boolean): Program {
  const steps = program.steps.map((step, k) => withShakenParts(step, { phase, isFine, salt: k }));
  return { ...program, steps: steps.flatMap((step) => shakenStep(step, phase)) };
}

/** Inputs moved alike; whole numbers, such as masks and positions, are exact and stay. */
export function shakenInputs(inputs: Inputs, phase: number): Inputs {
  const next = uniformFrom(Math.ceil(phase / 2));
  const side = phase % 2 === 0 ? -1 : 1;
  return Object.fromEntries(
    Object.entries(inputs).map(([name, { data, shape }]): [string, Tensor] => {
      if (data instanceof Int32Array) return [name, { data, shape }];
      const moved = Float64Array.from(data, (x) =>
        Number.isInteger(x) ? x : x * (1 + roundoff.float32 * (next() < 0.5 ? -side : side)),
      );
      return [name, { data: moved, shape }];
    }),
  );
}

/** Functions that are computed from a table or a polynomial, and rounded: small differences of them lose digits. */
const called = ["tanh", "softplus", "normalCdf"];

interface Shake {
  readonly phase: number;
  readonly isFine: boolean;
  readonly salt: number;
}

/** A step whose functions' values and sums' terms are moved; what is shared stays shared. */
function withShakenParts<T>(of: T, shake: Shake, done: Map<object, unknown> = new Map()): T {
  if (typeof of !== "object" || of === null) return of;
  const known = done.get(of);
  if (known !== undefined) return known as T;
  const parts = Object.entries(of).map(
    ([key, part]) => [key, withShakenParts(part, shake, done)] as const,
  );
  const isSame = parts.every(([key, part]) => part === (of as Record<string, unknown>)[key]);
  // An array's entries are in its order; an expression is a plain object.
  const copy = Array.isArray(of) ? parts.map(([, part]) => part) : Object.fromEntries(parts);
  const made = movedPart(isSame ? of : copy, shake);
  done.set(of, made);
  return made as T;
}

function movedPart(of: object, { phase, isFine, salt }: Shake): object {
  const e = of as Expr;
  const moved = (value: Expr): Expr => {
    const by = scatter(add(multiply(997, value), salt), phase);
    const other = multiply(value, add(1, multiply(roundoff.float32, by)));
    return where(binary("less", unary("abs", value), Number.MAX_VALUE), other, value);
  };
  if (e.kind === "unary" && called.includes(e.op)) return moved(e);
  return isFine && e.kind === "reduce" && e.op === "sum" ? { ...e, of: moved(e.of) } : of;
}

const exact = (name: string): string => `${name}, exact`;
const renamed = <T extends { readonly name: string }>(spec: T): T => ({
  ...spec,
  name: exact(spec.name),
});

/** Results that are added into one tensor are one. */
const distinct = (specs: readonly TensorSpec[]): TensorSpec[] => [
  ...new Map(specs.map((spec) => [spec.name, spec])).values(),
];

function shakenStep(step: Step, phase: number): Step[] {
  switch (step.kind) {
    case "map":
    case "weigh":
      return [
        {
          ...step,
          ...(step.kind === "weigh" && {
            logWeight: shakenScore(step.logWeight, step.results[0]?.name, phase),
          }),
          results: step.results.map(renamed),
        },
        ...distinct(step.results).map((result) => shake(result, phase)),
      ];
    case "normalise": {
      const logWeight = shakenScore(step.logWeight, step.logEvidence.name, phase);
      // The mean of the log weight itself is a mean of what it was moved to.
      const means = step.expectations.map((mean) =>
        mean.value === step.logWeight ? { ...mean, value: logWeight } : mean,
      );
      return [
        {
          ...step,
          logWeight,
          logEvidence: renamed(step.logEvidence),
          expectations: means.map(renamed),
        },
        shake(step.logEvidence, phase, "nats"),
        ...step.expectations.map((spec) => shake(spec, phase)),
      ];
    }
    case "routine": {
      const outputs = Object.entries(step.outputs);
      const { matrix } = step.inputs;
      const solved = step.routine === "linearSolve" ? matrix : undefined;
      return [
        ...(solved === undefined ? [] : [symmetric(solved, step)]),
        {
          ...step,
          inputs: { ...step.inputs, ...(solved !== undefined && { matrix: evened(solved) }) },
          outputs: Object.fromEntries(outputs.map(([role, spec]) => [role, renamed(spec)])),
        },
        ...outputs.map(([, spec]) => shake(spec, phase)),
      ];
    }
    case "fixedPoint": {
      const blocks = step.blocks.map((block) => ({
        ...block,
        steps: block.steps.flatMap((inner) => shakenStep(inner, phase)),
      }));
      return [{ ...step, blocks }];
    }
    default:
      return step satisfies never;
  }
}

const evened = (name: string): string => `${name}, even`;

/** A symmetric matrix that was shaken, as one again: systems of equations refuse others. */
function symmetric(name: string, { outputs }: RoutineStep): Step {
  const shape = outputs["solution"]?.shape ?? [];
  const [rows, columns] = [axis("row", shape.at(-2) as Size), axis("column", shape.at(-2) as Size)];
  const leading = shape.slice(0, -2).map((size, k) => axis(`leading ${k}`, size));
  const entry = (...at: Axis[]): Expr => load(name, [...leading, ...at].map(index));
  const sum = add(entry(rows, columns), entry(columns, rows));
  return map(evened(name), [...leading, rows, columns], multiply(0.5, sum));
}

/** Numbers whose sines scatter a tensor's places; the digits behind the first few are as good as random. */
const strides = [12.9898, 78.233, 37.719, 93.989, 57.131, 23.17];
const scattered = 43758.5453;

/** A score by a rounding of its own, and of the number whose logarithm it is: another in each fold. */
function shakenScore(score: Expr, fold: string | undefined, phase: number): Expr {
  if (score.kind === "number") return score;
  const salt = Array.from(fold ?? "", (c) => c.charCodeAt(0)).reduce((a, b) => a + b, 0);
  const by = multiply(roundoff.float32, scatter(add(multiply(997, score), salt), phase));
  const moved = add(score, multiply(by, add(1, unary("abs", score))));
  return where(binary("equal", score, Number.NEGATIVE_INFINITY), score, moved);
}

/** A number between −1 and 1 that looks random, for each number. */
function scatter(of: Expr, phase: number): Expr {
  const wave = multiply(scattered, unary("sin", of));
  // Every other shake is the one before it the other way round.
  return multiply(phase % 2 === 0 ? -2 : 2, subtract(subtract(wave, unary("floor", wave)), 0.5));
}

/**
 * A rounding of each number in its own size; of a log evidence in nats too, since the sum that it is
 * the logarithm of is rounded.
 */
function shake({ name, shape }: TensorSpec, phase: number, unit?: "nats"): Step {
  const axes = shape.map((size: Size, k) => axis(`shaken ${k}`, size));
  const place = axes.map((a, k) => multiply(index(a), strides[k] as number));
  const stored: Expr = load(exact(name), axes.map(index));
  const seed = 1.7 * Math.ceil(phase / 2) + name.length;
  const by = scatter(total([seed, ...place]), phase);
  const moved = multiply(stored, add(1, multiply(roundoff.float32, by)));
  const isWhole = binary("equal", stored, unary("floor", stored));
  return map(
    name,
    axes,
    unit === "nats" ? add(moved, multiply(roundoff.float32, by)) : where(isWhole, stored, moved),
  );
}
