/**
 * A program whose every stored number is moved by up to one rounding in single precision: what the
 * answers then differ by is what no engine in that precision can be asked to keep.
 */

import type { Inputs, Tensor } from "edgewise";
import {
  add,
  axis,
  binary,
  type Expr,
  index,
  load,
  map,
  multiply,
  type Program,
  type Size,
  type Step,
  type TensorSpec,
  total,
  unary,
  where,
} from "edgewise/ir";
import { uniformFrom } from "../random.ts";
import { roundoff } from "./tolerance.ts";

/** The program with another shake for each phase. */
export function shaken(program: Program, phase: number): Program {
  return { ...program, steps: program.steps.flatMap((step) => shakenStep(step, phase)) };
}

/** Inputs moved alike; whole numbers, such as masks and positions, are exact and stay. */
export function shakenInputs(inputs: Inputs, phase: number): Inputs {
  const next = uniformFrom(phase);
  return Object.fromEntries(
    Object.entries(inputs).map(([name, { data, shape }]): [string, Tensor] => {
      if (data instanceof Int32Array) return [name, { data, shape }];
      const moved = Float64Array.from(data, (x) =>
        Number.isInteger(x) ? x : x * (1 + roundoff.float32 * (next() < 0.5 ? -1 : 1)),
      );
      return [name, { data: moved, shape }];
    }),
  );
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
        { ...step, results: step.results.map(renamed) },
        ...distinct(step.results).map((result) => shake(result, phase)),
      ];
    case "normalise":
      return [
        {
          ...step,
          logEvidence: renamed(step.logEvidence),
          expectations: step.expectations.map(renamed),
        },
        ...[step.logEvidence, ...step.expectations].map((spec) => shake(spec, phase)),
      ];
    case "routine": {
      const outputs = Object.entries(step.outputs);
      return [
        {
          ...step,
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

/** Steps of the sines that scatter the shake over a tensor's elements. */
const strides = [12.9898, 78.233, 37.719, 93.989, 57.131, 23.17];

function shake({ name, shape }: TensorSpec, phase: number): Step {
  const axes = shape.map((size: Size, k) => axis(`shaken ${k}`, size));
  // A symmetric matrix stays one.
  const isSquare = shape.length > 1 && shape.at(-1) === shape.at(-2);
  const stride = (k: number): number =>
    strides[isSquare && k === shape.length - 1 ? k - 1 : k] as number;
  const place = axes.map((a, k) => multiply(index(a), stride(k)));
  const stored: Expr = load(exact(name), axes.map(index));
  const wave = unary("sin", total([1.7 * phase + name.length, ...place]));
  const isWhole = binary("equal", stored, unary("floor", stored));
  return map(
    name,
    axes,
    where(isWhole, stored, multiply(stored, add(1, multiply(roundoff.float32, wave)))),
  );
}
