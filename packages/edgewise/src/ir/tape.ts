import { adjoints, type Seeded } from "./adjoint.ts";
import { type Axis, axis, type Size, total } from "./expr.ts";
import { at, map } from "./fold.ts";
import { defines, type NodeMap, type Result, type Step, type WeightedFold } from "./program.ts";
import { reads } from "./reads.ts";

/** Names that were given so far, by stem, and the mark of this order of differentiation. */
export interface Names {
  readonly counts: Map<string, number>;
  readonly mark: string;
  /** Names that stand in the program already. */
  readonly taken: ReadonlySet<string>;
}

/** Carries the cotangents of a step's results to what the step reads. */
export type Pull = (step: Step, cotangents: ReadonlyMap<string, string>, tape: Tape) => void;

/** Cotangents under way: what has arrived for each tensor, and the steps that computed it. */
export class Tape {
  readonly steps: Step[] = [];
  private readonly arrived = new Map<string, string[]>();
  private readonly shapes = new Map<string, readonly Size[]>();
  private readonly varying: Set<string>;
  private readonly names: Names;
  private readonly pull: Pull;

  constructor(
    outer: readonly { name: string; shape: readonly Size[] }[],
    forward: readonly Step[],
    wrt: Iterable<string>,
    names: Names,
    pull: Pull,
  ) {
    this.names = names;
    this.pull = pull;
    for (const { name, shape } of outer) this.shapes.set(name, shape);
    this.varying = new Set(wrt);
    for (const step of forward) {
      const varies = [...reads(step)].some((name) => this.varying.has(name));
      for (const { name, shape } of defines(step)) {
        this.shapes.set(name, shape);
        if (varies) this.varying.add(name);
      }
    }
  }

  /** Tape for the steps of one iteration, under the same names. */
  inner(
    outer: ConstructorParameters<typeof Tape>[0],
    forward: readonly Step[],
    wrt: Iterable<string>,
  ): Tape {
    return new Tape(outer, forward, wrt, this.names, this.pull);
  }

  wanted = (tensor: string): boolean => this.varying.has(tensor);

  shapeOf(tensor: string): readonly Size[] {
    return this.shapes.get(tensor) ?? [];
  }

  /** Shape of a tensor's cotangent: of a dimension that may broadcast, the extent that it has. */
  cotangentShape(tensor: string): Size[] {
    return this.shapeOf(tensor).map((extent, k) =>
      typeof extent === "string" && extent.endsWith("|1") ? `${tensor}@${k}` : extent,
    );
  }

  axesOf(tensor: string): Axis[] {
    return this.cotangentShape(tensor).map((extent) => this.fresh(axis("n", extent)));
  }

  fresh = (like: Axis): Axis => axis(this.name(like.name.replace(/ʹ*\d+$/, "")), like.size);

  name(stem: string): string {
    const { counts, mark, taken } = this.names;
    let count = counts.get(stem) ?? 0;
    do count++;
    while (taken.has(`${stem}${mark}${count}`));
    counts.set(stem, count);
    return `${stem}${mark}${count}`;
  }

  contribute(tensor: string, cotangent: string): void {
    if (!this.wanted(tensor)) return;
    this.arrived.set(tensor, [...(this.arrived.get(tensor) ?? []), cotangent]);
  }

  /** The whole cotangent of a tensor, or undefined when nothing depends on it. */
  settle(tensor: string): string | undefined {
    const parts = this.arrived.get(tensor) ?? [];
    if (parts.length <= 1) return parts[0];
    const over = this.axesOf(tensor);
    const name = this.name(`∂${tensor}`);
    this.steps.push(map(name, over, total(parts.map((part) => at(part, over)))));
    this.arrived.set(tensor, [name]);
    return name;
  }

  zeros(tensor: string): string {
    const name = this.name(`∂${tensor}`);
    this.steps.push(map(name, this.axesOf(tensor), 0));
    return name;
  }

  backward(forward: readonly Step[]): void {
    for (const step of [...forward].reverse()) {
      const cotangents = new Map<string, string>();
      for (const { name } of defines(step)) {
        const cotangent = this.settle(name);
        if (cotangent !== undefined) cotangents.set(name, cotangent);
      }
      if (cotangents.size > 0) this.pull(step, cotangents, this);
    }
  }

  /** One step over the same points that adds up every contribution. */
  emit(like: NodeMap | WeightedFold, seeds: readonly Seeded[]): void {
    const contributions = adjoints(seeds, { wanted: this.wanted, fresh: this.fresh });
    const names = new Map<string, string>();
    const results = contributions.map(({ tensor, ...rest }): Result => {
      if (!names.has(tensor)) names.set(tensor, this.name(`∂${tensor}`));
      return { name: names.get(tensor) as string, shape: this.cotangentShape(tensor), ...rest };
    });
    if (results.length > 0) this.steps.push({ ...like, results });
    for (const [tensor, cotangent] of names) this.contribute(tensor, cotangent);
  }
}
