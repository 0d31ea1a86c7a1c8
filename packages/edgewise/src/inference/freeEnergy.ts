/**
 * Collapsed free energy of a latent model, and its gradient by the latents.
 *
 * F(z) = Σ ½ Λ ‖z − mean‖² − Σ_factors Σ_owners ℓ(z) + constant: every edge is summed out, so that
 * ∇F = Λ (z − mean) − Σ P ∇s is itself a posterior expectation. The gradient is taken by
 * `ir/gradient.ts`: a potential of the user's own needs none by hand.
 *
 * @source docs/mathematics.md, 4.1; Singh & Buckley (2023), "Attention as Implicit Structural Inference".
 */
import {
  type Axis,
  add,
  axis,
  binary,
  divide,
  type Expr,
  index,
  load,
  log,
  multiply,
  number,
  reduce,
  renameTensors,
  rewrite,
  size,
  subtract,
  sum,
  total,
  unary,
  where,
} from "../ir/expr.ts";
import { map } from "../ir/fold.ts";
import { gradient } from "../ir/gradient.ts";
import { defines, mapStep, type Program, type Step, type TensorSpec } from "../ir/program.ts";
import { captured, renamed } from "../ir/reads.ts";
import { EdgeScope } from "../model/edgeScope.ts";
import type { Latent, LatentModel } from "../model/latentModel.ts";
import { nodeAt } from "../model/node.ts";
import type { Quantity } from "../model/quantity.ts";
import { type LoweredFactor, lowerFactor } from "./factors.ts";
import { varianceOf } from "./spread.ts";

/** Where each latent's state is read at some point of the program. */
export type States = ReadonlyMap<string, string>;

/** The factors at given states: their steps, whose tensors carry the tag, and evidences after them. */
export interface Evaluated {
  readonly states: States;
  readonly tag: string;
  readonly steps: readonly Step[];
  readonly evidences: readonly {
    readonly factor: LoweredFactor;
    readonly value: Expr;
    readonly size: Expr;
  }[];
}

/** Cotangent at a place of a tensor: the whole, or a state's gradient in a second order. */
export type Seed = (at: readonly Expr[], of: string) => Expr;
export const one: Seed = () => number(1);

/** Steps that differentiate, and the tensor that holds the result for each latent. */
export interface Backward {
  readonly steps: readonly Step[];
  readonly by: ReadonlyMap<string, string>;
}

export class FreeEnergy {
  readonly model: LatentModel;
  readonly factors: readonly LoweredFactor[];
  /** Whether latents have variances, whose tensors stand beside their means. */
  readonly spread: boolean;
  readonly inputs: Map<string, TensorSpec> = new Map();
  /** Steps before any iteration. */
  readonly constant: Step[] = [];
  /** Loops over which energies are kept apart: nodes, where none depends on another. */
  readonly per: readonly Axis[];

  constructor(model: LatentModel) {
    this.model = model;
    this.spread = model.inference.kind === "meanField";
    const carries = model.inference.kind === "collect";
    this.factors = model.factors.map((factor) =>
      lowerFactor(factor, model.latents, { spread: this.spread, carries }),
    );
    for (const { tensor, shape } of model.latents) this.require(tensor, shape);
    const variances = new Set(model.latents.map(varianceOf));
    for (const { inputs, constant } of this.factors) {
      for (const spec of inputs)
        if (!this.inputs.has(spec.name) && !variances.has(spec.name))
          this.inputs.set(spec.name, spec);
      this.constant.push(...constant);
    }
    this.per = perOf(model).map((letter) => this.loop(letter));
    this.lowerFloor();
  }

  require(name: string, shape: readonly string[]): void {
    if (!this.inputs.has(name)) this.inputs.set(name, { name, shape });
  }

  /** Loop of a letter of a latent's shape. */
  loop(letter: string): Axis {
    const known: Record<string, string> = { B: "b", H: "h", N: "i" };
    return axis(known[letter] ?? `of ${letter}`, letter);
  }

  loops({ shape }: Latent): Axis[] {
    return shape.map((letter) => this.loop(letter));
  }

  /** Tensors that an iteration carries, by the names under which factors read them. */
  carried(): { name: string; latent: Latent }[] {
    return this.model.latents.flatMap((latent) => [
      { name: latent.tensor, latent },
      ...(this.spread ? [{ name: varianceOf(latent), latent }] : []),
    ]);
  }

  /** Element of a latent's state at its own loops. */
  state(latent: Latent, states: States): Expr {
    return load(states.get(latent.tensor) as string, this.loops(latent).map(index));
  }

  quantity(quantity: Quantity): Expr {
    if (typeof quantity === "number") return number(quantity);
    this.require(quantity.parameter, quantity.shape);
    return load(
      quantity.parameter,
      quantity.shape.map((letter) => index(this.loop(letter))),
    );
  }

  /** Steps and evidences of the factors that join one of some latents, all of them unless told. */
  evaluate(states: States, tag: string, among: readonly Latent[] = this.model.latents): Evaluated {
    const joined = this.factors.filter(({ factor: { edges } }) =>
      among.some(({ tensor }) =>
        [edges.nodes.query.tensor, edges.nodes.key.tensor].includes(tensor),
      ),
    );
    const placed = joined.map((factor) => ({ factor, names: this.names(factor, states, tag) }));
    return {
      states,
      tag,
      steps: placed.flatMap(({ factor, names }) => factor.varying.map((s) => renamed(s, names))),
      evidences: placed.map(({ factor, names }) => ({
        factor,
        value: renameTensors(factor.evidence, names),
        size: renameTensors(factor.size, names),
      })),
    };
  }

  /** Names of a factor's tensors at given states. */
  names(factor: LoweredFactor, states: States, tag: string): Map<string, string> {
    const own = factor.varying.flatMap(defines).map(({ name }) => [name, `${name}${tag}`] as const);
    return new Map([...states, ...own]);
  }

  /** Free energy at evaluated factors, and the size of its terms, of which rounding is a share. */
  energySteps({ states, tag, evidences: terms }: Evaluated): Step[] {
    const beliefs = this.model.latents.map((latent) => {
      const gap = subtract(this.state(latent, states), this.quantity(latent.mean));
      const half = divide(this.quantity(latent.precision), 2);
      const energy = multiply(half, multiply(gap, gap));
      return this.apart(this.loops(latent), add(energy, this.spreadEnergy(latent, states, half)));
    });
    const evidences = terms.map((term) => ({
      value: this.apart(term.factor.owners, term.value),
      size: this.apart(term.factor.owners, term.size),
    }));
    const floor = this.model.floor === undefined ? number(0) : this.floor();
    const energy = subtract(add(total(beliefs), floor), total(evidences.map((e) => e.value)));
    const magnitude = total([
      ...beliefs.map((belief) => unary("abs", belief)),
      floor,
      ...evidences.map((e) => e.size),
    ]);
    return [map(`freeEnergy${tag}`, this.per, energy), map(`magnitude${tag}`, this.per, magnitude)];
  }

  /** Expected belief of a variance, less the entropy of its Gaussian. */
  private spreadEnergy(latent: Latent, states: States, half: Expr): Expr {
    if (!this.spread) return number(0);
    const variance = load(states.get(varianceOf(latent)) as string, this.loops(latent).map(index));
    const entropy = divide(add(log(variance), Math.log(2 * Math.PI * Math.E)), 2);
    return subtract(multiply(half, variance), entropy);
  }

  /** Gradient of the free energy by a latent, at its loops, from that of the evidence. */
  slope(latent: Latent, states: States, gain: Backward["by"]): Expr {
    const gap = subtract(this.state(latent, states), this.quantity(latent.mean));
    const pull = load(gain.get(latent.tensor) as string, this.loops(latent).map(index));
    return subtract(multiply(this.quantity(latent.precision), gap), pull);
  }

  /** Sum over the loops that energies do not keep apart. */
  private apart(loops: readonly Axis[], value: Expr): Expr {
    const kept = new Set(this.per.map(({ name }) => name));
    return loops
      .filter(({ name }) => !kept.has(name))
      .reduceRight((e, loop) => sum(loop, e), value);
  }

  /** Steps for Σ ∇ℓ by some latents; tensors by latent. */
  gainGradient(evaluated: Evaluated, latents: readonly Latent[]): Backward {
    return this.differentiated(evaluated, [this.gain(evaluated)], latents, {
      suffix: "'",
      seeds: [one],
    });
  }

  /** Steps for the product of ∂²Σℓ, by some latents, with a direction. */
  gainHessian(evaluated: Evaluated, latents: readonly Latent[], direction: Seed): Backward {
    return this.differentiated(evaluated, [this.gain(evaluated)], latents, {
      suffix: "''",
      seeds: [one, direction],
    });
  }

  /** Steps for the product of Σ P ∂²s, P constant, by some latents, with a direction. */
  curvature(evaluated: Evaluated, latents: readonly Latent[], direction: Seed): Backward {
    const { states, tag, evidences } = evaluated;
    const at = this.per.map(index);
    const into = { shape: this.per.map((loop) => loop.size), at };
    // Each factor adds to a tensor of its own; the sum of them is what is differentiated.
    const parts = evidences.map(({ factor }, k) =>
      renamed(
        factor.expectedScore({ ...into, name: `expected${k}` }),
        this.names(factor, states, tag),
      ),
    );
    const whole = map("total", this.per, total(parts.map((_, k) => load(`expected${k}`, at))));
    return this.differentiated(evaluated, [...parts, whole], latents, {
      suffix: "''",
      seeds: [one, direction],
    });
  }

  /** Σ ℓ over everything that energies do not keep apart. */
  private gain({ evidences }: Evaluated): Step {
    const terms = evidences.map(({ factor, value }) => this.apart(factor.owners, value));
    return map("total", this.per, total(terms));
  }

  /**
   * Backward steps of the tensor `total` of `summed` by the states, once or twice, from given seeds.
   * What was held constant in between is let go, so that gradients of the whole program pass it.
   */
  private differentiated(
    { states, tag, steps }: Evaluated,
    summed: readonly Step[],
    latents: readonly Latent[],
    { suffix, seeds: orders }: { readonly suffix: string; readonly seeds: readonly Seed[] },
  ): Backward {
    const forward = [...steps, ...summed];
    const wrt = latents.map(({ tensor }) => states.get(tensor) as string);
    const known = new Set(forward.flatMap(defines).map(({ name }) => name));
    let program: Program = {
      name: "free energy",
      inputs: this.specs(forward, states),
      steps: forward,
      outputs: { total: "total" },
    };
    let outputs = ["total"];
    const seeds = new Map<string, (at: readonly Expr[]) => Expr>();
    for (const seed of orders) {
      for (const name of outputs) seeds.set(`d_${name}`, (at) => seed(at, name));
      program = gradient(program, outputs, wrt);
      outputs = wrt.map((name) => `d_${name}`);
    }
    const added = program.steps.filter((step) =>
      defines(step).every(({ name }) => !known.has(name)),
    );
    const names = new Map(
      added.flatMap(defines).map(({ name }) => [name, `${name}${tag}${suffix}`] as const),
    );
    const plain = (e: Expr): Expr =>
      rewrite(e, (inner) => {
        const seed = inner.kind === "load" ? seeds.get(inner.tensor) : undefined;
        if (inner.kind === "load" && seed !== undefined) return seed(inner.at);
        return inner.kind === "unary" && inner.op === "held" ? inner.of : inner;
      });
    const tensorOf = (state: string): string => {
      const made = program.outputs[`d_${state}`] as string;
      return names.get(made) ?? made;
    };
    return {
      steps: added.map((step) => mapStep(renamed(step, names), plain)),
      by: new Map(latents.map(({ tensor }) => [tensor, tensorOf(states.get(tensor) as string)])),
    };
  }

  /** Shapes of what steps read from before them. */
  private specs(steps: readonly Step[], states: States): TensorSpec[] {
    const known = new Map(
      [...this.inputs.values(), ...this.constant.flatMap(defines)].map((spec) => [spec.name, spec]),
    );
    const carried = new Map(
      this.carried().map(({ name, latent }) => [states.get(name) as string, latent.shape]),
    );
    return [...new Set([...captured(steps), ...carried.keys()])].map((name) => ({
      name,
      shape: carried.get(name) ?? known.get(name)?.shape ?? [],
    }));
  }

  private lowerFloor(): void {
    const { floor } = this.model;
    if (floor === undefined) return;
    const scope = new EdgeScope({ square: false, offset: 0 });
    const d = axis("d", scope.extent(floor.shape.at(-1) as string));
    const value = nodeAt(floor, scope)(index(d));
    for (const spec of scope.inputs.values()) this.require(spec.name, spec.shape.map(String));
    const greatest = reduce("greatest", scope.sender, sum(d, multiply(value, value)));
    const none = binary("equal", size(scope.sender.size), number(0));
    const leading = this.per.filter(({ name }) => name !== scope.receiver.name);
    this.constant.push(...scope.steps, map("floor", leading, where(none, 0, divide(greatest, 2))));
  }

  private floor(): Expr {
    return load("floor", this.per.filter(({ name }) => name !== "i").map(index));
  }
}

/** Letters over which the energy separates: where each latent node owns all of its edges. */
function perOf({ latents, factors }: LatentModel): readonly string[] {
  const [only] = latents as [Latent];
  const alone = ({ edges: { nodes, chooser } }: LatentModel["factors"][number]): boolean =>
    chooser === "receiver" &&
    nodes.query.tensor === only.tensor &&
    nodes.key.tensor !== only.tensor;
  const letters = latents.length === 1 && factors.every(alone) ? ["B", "H", "N"] : ["B"];
  return letters.filter((letter) => latents.every(({ shape }) => shape.includes(letter)));
}
