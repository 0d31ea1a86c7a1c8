/** What a program would do for given lengths: edges, operations, bytes. */
import { countOf, type Tensor } from "../array/tensor.ts";
import { bindInputs, Environment } from "../engines/shared/bindings.ts";
import { EdgewiseError } from "../errors/edgewiseError.ts";
import type { Size } from "../ir/expr.ts";
import {
  defines,
  type FixedPoint,
  type NormalisingFold,
  nameOf,
  type Program,
  type Step,
  type WeightedFold,
} from "../ir/program.ts";
import type { Model } from "../model/model.ts";
import { bindModel, checkNames, listedIn } from "./bind.ts";
import type { Cost, Shapes } from "./explain.ts";
import { flopsOf } from "./flops.ts";
import { posteriorFolds } from "./folds.ts";
import { edgesOfFold } from "./support.ts";

type Shaped = Pick<Tensor, "shape">;

/** @throws unknown_tensor, missing_tensor, shape_mismatch */
export async function costOf(
  model: Model,
  { whole, program }: { readonly whole: Program; readonly program: Program },
  shapes: Shapes,
  bytesOfNumber: number,
): Promise<Cost> {
  const given = Object.fromEntries(
    Object.entries(shapes).map(([name, of]) => [name, outlined(name, of)]),
  );
  for (const name of listedIn(model))
    if (given[name]?.data.length === 0) throw withoutEdges(model, name);
  checkNames(model, whole, given);
  const bound = bindModel(model, program, given, { seed: 0 });
  const lengths = Object.fromEntries(
    Object.entries(bound).map(([name, { shape }]) => [name, withLength(shape)]),
  );
  const environment = bindInputs(program.inputs, lengths, model.name, ({ shape }) => ({ shape }));
  const estimate = new Estimate(bound);
  await estimate.steps(program.steps, environment, 1);
  const inputs = program.inputs.map(({ name }) => countOf(environment.get(name).shape));
  const numbers = inputs.reduce((sum, count) => sum + count, estimate.numbers);
  const { counted } = posteriorFolds(estimate.folds);
  return {
    edges: counted.reduce((sum, edges) => sum + edges, 0),
    isExact: estimate.isExact,
    flops: estimate.flops,
    bytes: bytesOfNumber * numbers,
  };
}

/** Tensor of a shape without its numbers, which nothing here reads; a tensor as it is. */
function outlined(name: string, shape: readonly number[] | Tensor): Tensor {
  if (Array.isArray(shape)) return { shape, data: new Float32Array(0) };
  if (typeof shape === "object" && "shape" in shape) return shape;
  throw new EdgewiseError({
    code: "shape_mismatch",
    where: "explain",
    got: `${name} as ${typeof shape}`,
    expected: "a shape, such as [1, 8, 1024, 64], or a tensor",
    fix: `give ${name} as a list of lengths`,
  });
}

/** Tensor that says how many numbers it has: binding looks at no more. */
const withLength = (shape: readonly number[]): Tensor => ({
  shape,
  data: { length: countOf(shape) } as Float32Array,
});

function withoutEdges(model: Model, name: string): EdgewiseError {
  return new EdgewiseError({
    code: "missing_tensor",
    where: model.name,
    got: `the shape of ${name}`,
    expected: "the tensor, whose edges are the graph",
    fix: `give ${name} as { data, shape }`,
  });
}

/** Sums over a program's steps. */
class Estimate {
  readonly folds: Record<string, number> = {};
  isExact = true;
  flops = 0;
  /** Numbers that the steps define. */
  numbers = 0;
  private readonly bound: Readonly<Record<string, Tensor>>;

  constructor(bound: Readonly<Record<string, Tensor>>) {
    this.bound = bound;
  }

  /** Adds steps that run a number of times. */
  async steps(steps: readonly Step[], environment: Environment<Shaped>, times: number) {
    for (const step of steps) {
      if (step.kind === "fixedPoint") await this.fixedPoint(step, environment, times);
      else if (step.kind !== "routine") await this.step(step, environment, times);
      this.define(step, environment);
    }
  }

  private define(step: Step, environment: Environment<Shaped>): void {
    const made = new Map(defines(step).map((spec) => [spec.name, spec]));
    for (const { name, shape: sizes } of made.values()) {
      const shape = sizes.map((extent) => environment.size(extent));
      environment.set(name, { shape });
      this.numbers += countOf(shape);
    }
  }

  private async step(
    step: Exclude<Step, { kind: "fixedPoint" | "routine" }>,
    environment: Environment<Shaped>,
    times: number,
  ): Promise<void> {
    const extent = (size: Size): number => environment.size(size);
    if (step.kind === "map") {
      this.flops += times * flopsOf(step, 0, extent);
      return;
    }
    const { edges, isExact } = await this.edges(step, extent);
    this.flops += times * flopsOf(step, edges, extent);
    this.isExact &&= isExact;
    const name = nameOf(step);
    this.folds[name] = (this.folds[name] ?? 0) + times * edges;
  }

  private async edges(step: NormalisingFold | WeightedFold, extent: (size: Size) => number) {
    const { list, where } = step.edges;
    if (list === undefined) return edgesOfFold(step, extent);
    const rows = step.over.filter(({ name }) => name !== list.row);
    const repeated = rows.reduce((product, { size }) => product * extent(size), 1);
    const listed = this.bound[list.alternative]?.data.length ?? 0;
    return { edges: repeated * listed, isExact: where === undefined };
  }

  private async fixedPoint(
    step: FixedPoint,
    environment: Environment<Shaped>,
    times: number,
  ): Promise<void> {
    const { maxIterations } = step;
    const rounds = typeof maxIterations === "number" ? maxIterations : 1;
    this.isExact &&= rounds === maxIterations && step.active === undefined;
    const inside = new Environment(environment);
    for (const { name, initial } of step.state) inside.set(name, environment.get(initial));
    inside.set(step.iteration, { shape: [] });
    for (const { steps } of step.blocks) await this.steps(steps, inside, times * rounds);
    environment.setSize(`${step.iterations}#`, rounds);
  }
}
