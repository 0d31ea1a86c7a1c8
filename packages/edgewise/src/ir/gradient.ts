/**
 * The gradient as a transform from program to program (vector–Jacobian products, reverse mode).
 *
 * A fold's gradient is a weighted fold under the same log evidence, so memory never holds a
 * posterior and an engine that runs folds runs gradients. With P the posterior, y the expectation
 * and g its cotangent: s̄ᵢⱼ = Pᵢⱼ (ēᵢ + gᵢ·(vⱼ − yᵢ)), v̄ⱼ = Σᵢ Pᵢⱼ gᵢ.
 *
 * @source mathematics of the posterior expectation, section 2.2 (checked there by differences).
 */
import { EdgewiseError } from "../errors/edgewiseError.ts";
import { adjoints, type Seeded } from "./adjoint.ts";
import {
  type Axis,
  axis,
  type Expr,
  index,
  load,
  multiply,
  type Size,
  subtract,
  sum,
  total,
} from "./expr.ts";
import { fixedPointGradient, withHistory } from "./fixedPointGradient.ts";
import { at, map } from "./fold.ts";
import {
  defines,
  type NodeMap,
  type NormalisingFold,
  type Program,
  type Result,
  type Step,
  type WeightedFold,
} from "./program.ts";
import { reads } from "./reads.ts";
import { routineGradient } from "./routine/routines.ts";
import { simplify } from "./simplify.ts";

/**
 * Program for the gradients by `wrt` (inputs), given cotangents `d_NAME` for outputs.
 * Its outputs are named `d_NAME`, the forward outputs are left out.
 *
 * @throws bad_program when an output or input is not the program's
 */
export function gradient(
  program: Program,
  cotangents: readonly string[],
  wrt: readonly string[],
): Program {
  const forward = program.steps.map(withHistory);
  // Gradients of gradients take names of their own: one mark for each order.
  const order = program.name.split("gradient of ").length - 1;
  const tape = new Tape(program.inputs, forward, new Set(wrt), {
    counts: new Map(),
    mark: "ʹ".repeat(order),
  });
  const seeds = cotangents.map((output) => {
    const tensor = program.outputs[output];
    if (tensor === undefined) throw notIn(program, "output", output, Object.keys(program.outputs));
    const spec = { name: `d_${output}`, shape: tape.cotangentShape(tensor) };
    tape.contribute(tensor, spec.name);
    return spec;
  });
  tape.backward(forward);
  const outputs: Record<string, string> = {};
  for (const input of wrt) {
    const spec = program.inputs.find(({ name }) => name === input);
    if (spec === undefined)
      throw notIn(
        program,
        "input",
        input,
        program.inputs.map(({ name }) => name),
      );
    outputs[`d_${input}`] = tape.settle(input) ?? tape.zeros(input);
  }
  return simplify({
    name: `gradient of ${program.name}`,
    inputs: [...program.inputs, ...seeds],
    steps: [...forward, ...tape.steps],
    outputs,
  });
}

function notIn(
  program: Program,
  kind: string,
  got: string,
  known: readonly string[],
): EdgewiseError {
  return new EdgewiseError({
    code: "bad_program",
    where: `gradient of ${program.name}`,
    got: `${kind} ${got}`,
    expected: `one of ${known.join(", ")}`,
    fix: `take the gradient of one of these ${kind}s`,
  });
}

/** Names that were given so far, by stem, and the mark of this order of differentiation. */
interface Names {
  readonly counts: Map<string, number>;
  readonly mark: string;
}

/** Cotangents under way: what has arrived for each tensor, and the steps that computed it. */
export class Tape {
  readonly steps: Step[] = [];
  private readonly arrived = new Map<string, string[]>();
  private readonly shapes = new Map<string, readonly Size[]>();
  private readonly varying: Set<string>;
  readonly names: Names;

  constructor(
    outer: readonly { name: string; shape: readonly Size[] }[],
    forward: readonly Step[],
    wrt: Iterable<string>,
    names: Names,
  ) {
    this.names = names;
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
    return new Tape(outer, forward, wrt, this.names);
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
    const count = (this.names.counts.get(stem) ?? 0) + 1;
    this.names.counts.set(stem, count);
    return `${stem}${this.names.mark}${count}`;
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
      if (cotangents.size > 0) this.pull(step, cotangents);
    }
  }

  private pull(step: Step, cotangents: ReadonlyMap<string, string>): void {
    switch (step.kind) {
      case "map":
        this.emit(step, resultSeeds(step.results, cotangents));
        break;
      case "weigh":
        this.emit(step, weighedSeeds(step, cotangents));
        break;
      case "normalise":
        this.emit(posteriorFold(step), normalisedSeeds(step, cotangents));
        break;
      case "fixedPoint":
        fixedPointGradient(step, cotangents, this);
        break;
      case "routine":
        routineGradient(step, cotangents, this);
        break;
      default:
        step satisfies never;
    }
  }

  /** One step over the same points that adds up every contribution. */
  private emit(like: NodeMap | WeightedFold, seeds: readonly Seeded[]): void {
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

function resultSeeds(
  results: readonly Result[],
  cotangents: ReadonlyMap<string, string>,
): Seeded[] {
  return results.flatMap(({ name, along, at, value }) => {
    const cotangent = cotangents.get(name);
    return cotangent === undefined ? [] : [{ of: value, seed: load(cotangent, at), along }];
  });
}

/** Sum over the feature loops of one point. */
const over = (along: readonly Axis[], value: Expr): Expr =>
  along.reduceRight((e, loop) => sum(loop, e), value);

function weighedSeeds(step: WeightedFold, cotangents: ReadonlyMap<string, string>): Seeded[] {
  const seeds = resultSeeds(step.results, cotangents);
  const byWeight = total(seeds.map(({ of, seed, along }) => over(along, multiply(seed, of))));
  return [...seeds, { of: step.logWeight, seed: byWeight, along: [] }];
}

/** The weighted fold whose weights are the posterior of a normalising fold. */
function posteriorFold(step: NormalisingFold): WeightedFold {
  const evidence = load(step.logEvidence.name, step.over.map(index));
  return {
    kind: "weigh",
    over: step.over,
    edges: step.edges,
    logWeight: subtract(step.logWeight, evidence),
    results: [],
  };
}

function normalisedSeeds(step: NormalisingFold, cotangents: ReadonlyMap<string, string>): Seeded[] {
  const owner = step.over.map(index);
  const evidence = cotangents.get(step.logEvidence.name);
  const byWeight: Expr[] = evidence === undefined ? [] : [load(evidence, owner)];
  const seeds: Seeded[] = [];
  for (const { name, along, value } of step.expectations) {
    const cotangent = cotangents.get(name);
    if (cotangent === undefined) continue;
    const place = [...owner, ...along.map(index)];
    const seed = load(cotangent, place);
    seeds.push({ of: value, seed, along });
    // Σ g·v − Σ g·y rather than Σ g·(v − y): the second sum is the owner's, taken once.
    byWeight.push(
      subtract(over(along, multiply(seed, value)), over(along, multiply(seed, load(name, place)))),
    );
  }
  return [...seeds, { of: step.logWeight, seed: total(byWeight), along: [] }];
}
