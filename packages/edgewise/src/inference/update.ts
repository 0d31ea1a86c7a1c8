/**
 * One update of some latents that no factor joins with each other.
 *
 * @source docs/mathematics.md, 4.2 (concave–convex), 4.4 and 5.4 (exact minimum of a quadratic).
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
  multiply,
  number,
  subtract,
  where,
} from "../ir/expr.ts";
import { map } from "../ir/fold.ts";
import type { FixedPoint, Step } from "../ir/program.ts";
import type { Latent } from "../model/latentModel.ts";
import { collectSteps } from "./collect.ts";
import { columnSteps, unitDirection } from "./columns.ts";
import {
  type Backward,
  type Evaluated,
  type FreeEnergy,
  one,
  type Seed,
  type States,
} from "./freeEnergy.ts";
import { varianceOf } from "./spread.ts";
import { innerFactors, mixesFeatures, nodeDimension, turnTensors } from "./sweep.ts";

/** Steps of an update, and the tensors of the next states by the names of the states. */
export interface Update {
  readonly steps: readonly Step[];
  readonly next: ReadonlyMap<string, string>;
}

/** Next states of a block; nodes that a factor joins with each other move in turns. */
export function updateOf(energy: FreeEnergy, at: Evaluated, block: readonly Latent[]): Update {
  const taken = block.filter((latent) => innerFactors(energy.model, latent).length > 0);
  return energy.model.inference.kind === "descend" || taken.length === 0
    ? new BlockUpdate(energy, at, block).whole()
    : inTurns(energy, at, { block, taken });
}

/** Curvature of the expected energy by each number, and the Newton step that reaches its minimum. */
interface Bends {
  readonly steps: readonly Step[];
  readonly stiffness: (latent: Latent) => Expr;
  readonly step: (latent: Latent) => Expr;
}

type Next = readonly (readonly [name: string, value: Expr])[];

/** Update of latents that no factor joins, where the factors are evaluated. */
class BlockUpdate {
  private readonly energy: FreeEnergy;
  private readonly at: Evaluated;
  private readonly block: readonly Latent[];

  constructor(energy: FreeEnergy, at: Evaluated, block: readonly Latent[]) {
    this.energy = energy;
    this.at = at;
    this.block = block;
  }

  /** The update; curvatures are taken along the numbers that `moving` marks. */
  whole(moving: Seed = one): Update {
    const { energy, at, block } = this;
    const { inference } = energy.model;
    switch (inference.kind) {
      case "collect": {
        const { steps, next } = collectSteps(energy, at);
        return { steps, next: new Map([[block[0]?.tensor as string, next]]) };
      }
      case "cccp":
      case "descend": {
        const gain = energy.gainGradient(at, block);
        return this.written(gain.steps, (latent) => [[latent.tensor, this.explicit(latent, gain)]]);
      }
      case "alternate":
      case "meanField": {
        const gain = energy.gainGradient(at, block);
        const isMixed = block.some((latent) => mixesFeatures(energy.model, latent));
        const bends = isMixed ? this.matrices(gain, moving) : this.diagonals(gain, moving);
        return this.written([...gain.steps, ...bends.steps], (latent) =>
          this.minimum(latent, bends),
        );
      }
      default:
        return inference satisfies never;
    }
  }

  private state(latent: Latent): Expr {
    return this.energy.state(latent, this.at.states);
  }

  private slope(latent: Latent, gain: Backward): Expr {
    return this.energy.slope(latent, this.at.states, gain.by);
  }

  private place(latent: Latent): Expr[] {
    return this.energy.loops(latent).map(index);
  }

  /** z − rate ∇F, or (1 − η) z + η (mean + Λ⁻¹ Σ P ∇s). */
  private explicit(latent: Latent, gain: Backward): Expr {
    const { inference } = this.energy.model;
    const state = this.state(latent);
    if (inference.kind === "descend")
      return subtract(state, multiply(inference.rate, this.slope(latent, gain)));
    const pull = load(gain.by.get(latent.tensor) as string, this.place(latent));
    const { mean, precision } = latent;
    const fixed = add(this.energy.quantity(mean), divide(pull, this.energy.quantity(precision)));
    const damping = inference.kind === "cccp" ? inference.damping : 1;
    return add(multiply(1 - damping, state), multiply(damping, fixed));
  }

  /** Each number curves by itself: the product with a direction of ones is the diagonal. */
  private diagonals(gain: Backward, moving: Seed): Bends {
    const curve = this.energy.curvature(this.at, this.block, moving);
    const stiffness = (latent: Latent): Expr => {
      const bend = load(curve.by.get(latent.tensor) as string, this.place(latent));
      return subtract(this.energy.quantity(latent.precision), bend);
    };
    return {
      steps: curve.steps,
      stiffness,
      step: (latent) => divide(this.slope(latent, gain), stiffness(latent)),
    };
  }

  /** Features of a node curve together: one matrix a node, column by column, and one solve. */
  private matrices(gain: Backward, moving: Seed): Bends {
    const { energy, block } = this;
    const direction = `direction${this.at.tag}`;
    const unit = unitDirection(direction);
    const along: Seed = (at, of) => multiply(unit(at, of), moving(at, of));
    const curve = energy.curvature(this.at, block, along);
    const [first] = block as readonly [Latent];
    const columns = columnSteps(curve.steps, {
      name: `columns${this.at.tag}`,
      direction,
      width: (energy.loops(first).at(-1) as Axis).size,
      kept: block.map((latent) => ({
        column: curve.by.get(latent.tensor) as string,
        columns: this.named("columns", latent),
        shape: latent.shape,
      })),
    });
    return {
      steps: [...columns, ...block.flatMap((latent) => this.solve(latent, gain, moving))],
      stiffness: (latent) => {
        const at = this.place(latent);
        return load(this.named("matrix", latent), [...at, at.at(-1) as Expr]);
      },
      step: (latent) => load(this.named("step", latent), [...this.place(latent), number(0)]),
    };
  }

  private named(part: string, { tensor }: Latent): string {
    return `${part} of ${tensor}${this.at.tag}`;
  }

  /** The Newton step of each node: its matrix and the solve for its slope. */
  private solve(latent: Latent, gain: Backward, moving: Seed): Step[] {
    const loops = this.energy.loops(latent);
    const feature = loops.at(-1) as Axis;
    const other = axis("column", feature.size);
    const isDiagonal = binary("equal", index(feature), index(other));
    const own = multiply(this.energy.quantity(latent.precision), isDiagonal);
    const at = [...loops, other].map(index);
    // Nodes whose turn it is not have no system of their own; theirs is the identity.
    const isMoving = moving(this.place(latent), `d_${this.at.states.get(latent.tensor)}`);
    const bent = subtract(own, load(this.named("columns", latent), at));
    const entry = where(isMoving, bent, isDiagonal);
    // A number that nothing pulls stays: its row is 0 but for the 1 that makes the system definite.
    const isFree = binary("and", isDiagonal, binary("equal", entry, number(0)));
    const shape = [...loops.map((loop) => loop.size), 1];
    const [matrix, slope] = [this.named("matrix", latent), this.named("slope", latent)];
    return [
      map(matrix, [...loops, other], where(isFree, 1, entry)),
      map(slope, [...loops, axis("one", 1)], this.slope(latent, gain)),
      {
        kind: "routine",
        routine: "linearSolve",
        inputs: { matrix, source: slope },
        outputs: { solution: { name: this.named("step", latent), shape } },
        options: {},
      },
    ];
  }

  /** Minimum of the expected energy, which is quadratic: one Newton step reaches it. */
  private minimum(latent: Latent, { stiffness, step }: Bends): Next {
    // Where nothing pulls, there is nothing to minimise: the number stays.
    const isFree = binary("equal", stiffness(latent), number(0));
    const state = this.state(latent);
    const mean = where(isFree, state, subtract(state, step(latent)));
    if (!this.energy.spread) return [[latent.tensor, mean]];
    const variance = load(this.at.states.get(varianceOf(latent)) as string, this.place(latent));
    return [
      [latent.tensor, mean],
      [varianceOf(latent), where(isFree, variance, divide(1, stiffness(latent)))],
    ];
  }

  private written(steps: readonly Step[], of: (latent: Latent) => Next): Update {
    const next = this.block.flatMap((latent) =>
      of(latent).map(([name, value]) => ({
        name,
        step: map(`${name} next${this.at.tag}`, this.energy.loops(latent), value),
      })),
    );
    return {
      steps: [...steps, ...next.map(({ step }) => step)],
      next: new Map(next.map(({ name }) => [name, `${name} next${this.at.tag}`])),
    };
  }
}

/** The same update node by node: in each turn the nodes that no edge joins with each other. */
function inTurns(
  energy: FreeEnergy,
  { states: now, tag }: Evaluated,
  { block, taken }: { readonly block: readonly Latent[]; readonly taken: readonly Latent[] },
): Update {
  const inside = energy.carried().filter(({ latent }) => block.includes(latent));
  const moving: States = new Map([
    ...now,
    ...inside.map(({ name }) => [name, `${name} turning${tag}`] as const),
  ]);
  const evaluated = energy.evaluate(moving, `${tag} turn`, block);
  const turn = `turn${tag}`;
  const placeOf = (latent: Latent): number => nodeDimension(energy.model, latent);
  // Joined nodes curve together: only those that move now are a direction without edges in it.
  const direction: Seed = (at, of) => {
    const latent = taken.find(({ tensor }) => of === `d_${moving.get(tensor)}`);
    if (latent === undefined) return number(1);
    const node = at[placeOf(latent)] as Expr;
    return binary("equal", load(turnTensors(latent).turn, [node]), load(turn));
  };
  const update = new BlockUpdate(energy, evaluated, block).whole(direction);
  const masked = inside.map(({ name, latent }) => {
    const loops = energy.loops(latent);
    const at = loops.map(index);
    const next = load(update.next.get(name) as string, at);
    const state = load(moving.get(name) as string, at);
    if (!taken.includes(latent))
      return map(`${name} masked${tag}`, loops, where(binary("equal", load(turn), 0), next, state));
    const own = load(turnTensors(latent).turn, [at[placeOf(latent)] as Expr]);
    return map(`${name} masked${tag}`, loops, where(binary("equal", own, load(turn)), next, state));
  });
  for (const latent of taken) {
    energy.require(turnTensors(latent).turn, [latent.shape[placeOf(latent)] as string]);
    energy.require(turnTensors(latent).turns, []);
  }
  const most = taken
    .map((latent): Expr => load(turnTensors(latent).turns))
    .reduce((a, b) => binary("max", a, b));
  const sweep: FixedPoint = {
    kind: "fixedPoint",
    name: `turns of ${block.map(({ tensor }) => tensor).join(" and ")}`,
    state: inside.map(({ name, latent }) => ({
      name: moving.get(name) as string,
      initial: now.get(name) as string,
      shape: latent.shape,
    })),
    blocks: [
      {
        name: "one turn",
        steps: [...evaluated.steps, ...update.steps, ...masked],
        update: Object.fromEntries(
          inside.map(({ name }) => [moving.get(name), `${name} masked${tag}`]),
        ),
      },
    ],
    maxIterations: `turns needed${tag}`,
    iteration: turn,
    traces: [],
    history: {},
    iterations: `turns${tag}`,
    gradient: "unrolled",
  };
  return {
    steps: [map(`turns needed${tag}`, [], most), sweep],
    next: new Map(inside.map(({ name }) => [name, moving.get(name) as string])),
  };
}
