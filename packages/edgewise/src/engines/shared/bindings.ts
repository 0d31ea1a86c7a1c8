/** Names and sizes of one run, and whether its inputs fit: what every engine in this process needs. */
import type { Tensor } from "../../array/tensor.ts";
import { EdgewiseError } from "../../errors/edgewiseError.ts";
import type { Size } from "../../ir/expr.ts";
import type { TensorSpec } from "../../ir/program.ts";
import type { Inputs } from "../engine.ts";

/** Dimension of an input whose length is counted while the program runs. */
export interface Deferred {
  readonly name: string;
  readonly shape: readonly number[];
  readonly extent: string;
  readonly k: number;
  readonly where: string;
}

/** Names in reach of a step: its own block's, then those around it; and the extents of sizes. */
export class Environment<Bound extends { readonly shape: readonly number[] }> {
  private readonly tensors = new Map<string, Bound>();
  private readonly sizes = new Map<string, number>();
  private readonly outer: Environment<Bound> | undefined;
  private readonly deferred: Deferred[] = [];

  constructor(outer?: Environment<Bound>) {
    this.outer = outer;
  }

  set(name: string, value: Bound): void {
    this.tensors.set(name, value);
  }

  get(name: string): Bound {
    for (let scope: Environment<Bound> | undefined = this; scope; scope = scope.outer) {
      const found = scope.tensors.get(name);
      if (found !== undefined) return found;
    }
    throw missing(name);
  }

  setSize(name: string, extent: number): void {
    this.sizes.set(name, extent);
  }

  /** Remembers an input whose length only the run will tell: that of a trace. */
  defer(input: Deferred): void {
    this.deferred.push(input);
  }

  /** Checks inputs whose length depends on a count that is known now. @throws shape_mismatch */
  settle(count: string): void {
    let root: Environment<Bound> = this;
    while (root.outer !== undefined) root = root.outer;
    for (const { name, shape, extent, k, where } of root.deferred) {
      if (!extent.startsWith(count)) continue;
      const wanted = this.size(extent);
      if (shape[k] === wanted) continue;
      throw new EdgewiseError({
        code: "shape_mismatch",
        where,
        got: `${name} with shape [${shape.join(", ")}]`,
        expected: `${wanted} in dimension ${k + 1}: the iterations that ran, and one more`,
        fix: `give dimension ${k + 1} of ${name} the length ${wanted}`,
      });
    }
  }

  /** Extent of a size: a number, a symbol, `N+M-1`, `T-1`, or `tensor@k`. */
  size(of: Size): number {
    if (typeof of === "number") return of;
    const [name, dimension] = of.split("@") as [string, string | undefined];
    if (dimension !== undefined) return this.get(name).shape[Number(dimension)] as number;
    for (let scope: Environment<Bound> | undefined = this; scope; scope = scope.outer) {
      const found = scope.sizes.get(of);
      if (found !== undefined) return found;
    }
    if (of.endsWith("#+1")) return this.size(of.slice(0, -2)) + 1;
    if (of.includes("*"))
      return of
        .split("*")
        .reduce((product, part) => product * (Number(part) || this.size(part)), 1);
    const sum = /^(\w+)(?:\+(\w+))?-1$/.exec(of);
    if (sum !== null) return Math.max(0, this.size(sum[1] as string) + this.size(sum[2] ?? 0) - 1);
    throw missing(`size ${of}`);
  }
}

function missing(name: string): EdgewiseError {
  return new EdgewiseError({
    code: "missing_tensor",
    where: "the program",
    got: `nothing named ${name}`,
    expected: "a tensor that is given or computed before",
    fix: `give ${name} among the inputs`,
  });
}

/** Binds inputs and the sizes that their shapes declare. @throws shape_mismatch, missing_tensor */
export function bindInputs<Bound extends { readonly shape: readonly number[] }>(
  specs: readonly TensorSpec[],
  inputs: Inputs,
  where: string,
  bind: (tensor: Tensor, name: string) => Bound,
): Environment<Bound> {
  const environment = new Environment<Bound>();
  const owners = new Map<string, string>();
  const given = specs.map((spec) => {
    const tensor = Object.hasOwn(inputs, spec.name) ? inputs[spec.name] : undefined;
    if (tensor === undefined)
      throw new EdgewiseError({
        code: "missing_tensor",
        where,
        got: `inputs ${Object.keys(inputs).join(", ") || "none"}`,
        expected: `${spec.name} ${showSpec(spec)}`,
        fix: `give ${spec.name} as { data, shape }`,
      });
    checkTensor(spec, tensor, where);
    environment.set(spec.name, bind(tensor, spec.name));
    return { spec, shape: tensor.shape };
  });
  for (const { spec, shape } of given) {
    spec.shape.forEach((extent, k) => {
      if (typeof extent !== "string" || /[|-]1$|[+*#]/.test(extent) || owners.has(extent)) return;
      environment.setSize(extent, shape[k] as number);
      owners.set(extent, spec.name);
    });
  }
  for (const { spec, shape } of given) checkShape(spec, shape, environment, owners, where);
  return environment;
}

/** A shape in letters; lengths that a text leaves open are shown as such. */
function showSpec({ shape }: TensorSpec): string {
  return `[${shape.map((extent) => (String(extent).includes(".") ? "any" : extent)).join(", ")}]`;
}

function checkTensor(
  spec: TensorSpec,
  { data, shape }: { data: ArrayLike<number>; shape: readonly number[] },
  where: string,
): void {
  const count = shape.reduce((product, extent) => product * extent, 1);
  const whole = shape.every((extent) => Number.isSafeInteger(extent) && extent >= 0);
  if (whole && count === data.length && shape.length === spec.shape.length) return;
  throw new EdgewiseError({
    code: "shape_mismatch",
    where,
    got: `${spec.name} with shape [${shape.join(", ")}] and ${data.length} numbers`,
    expected: `${spec.name} ${showSpec(spec)} with as many numbers as its shape says`,
    fix:
      shape.length === spec.shape.length
        ? `give ${spec.name} ${count} numbers, or the shape of its ${data.length}`
        : `give ${spec.name} in ${spec.shape.length} dimensions`,
  });
}

function checkShape(
  spec: TensorSpec,
  shape: readonly number[],
  environment: Environment<{ readonly shape: readonly number[] }>,
  owners: ReadonlyMap<string, string>,
  where: string,
): void {
  spec.shape.forEach((extent, k) => {
    if (typeof extent === "string" && extent.includes("#")) {
      environment.defer({ name: spec.name, shape, extent, k, where });
      return;
    }
    const symbol = String(extent).replace("|1", "");
    const wanted = typeof extent === "number" ? extent : environment.size(symbol);
    const optional = symbol !== String(extent);
    if (shape[k] === wanted || (optional && shape[k] === 1)) return;
    const source = owners.get(symbol);
    throw new EdgewiseError({
      code: "shape_mismatch",
      where,
      got: `${spec.name} with shape [${shape.join(", ")}]`,
      expected: `[${spec.shape.join(", ")}]${typeof extent === "number" ? "" : ` with ${symbol} = ${wanted}${optional ? " or 1" : ""}${source ? `, as in ${source}` : ""}`}`,
      fix: `give dimension ${k + 1} of ${spec.name} the extent ${wanted}`,
    });
  });
}
