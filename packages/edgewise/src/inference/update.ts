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
import { innerFactors, mixesFeatures, turnTensors } from "./sweep.ts";

/** Steps of an update, and the tensors of the next states by the names of the states. */
export interface Update {
  readonly steps: readonly Step[];
  readonly next: ReadonlyMap<string, string>;
}

/** Next states of a block; nodes that a factor joins with each other move in turns. */
export function updateOf(
  energy: FreeEnergy,
  evaluated: Evaluated,
  now: States,
  block: readonly Latent[],
  tag: string,
): Update {
  const taken = block.filter((latent) => innerFactors(energy.model, latent).length > 0);
  if (energy.model.inference.kind === "descend" || taken.length === 0)
    return together(energy, evaluated, now, block, tag);
  return inTurns(energy, now, block, taken, tag);
}

function together(
  energy: FreeEnergy,
  evaluated: Evaluated,
  now: States,
  block: readonly Latent[],
  tag: string,
  moving: Seed = one,
): Update {
  const { inference } = energy.model;
  const gain =
    inference.kind === "collect"
      ? { steps: [], by: new Map() }
      : energy.gainGradient(evaluated, now, block, `${tag}'`);
  switch (inference.kind) {
    case "cccp":
    case "descend":
      return written(energy, block, tag, gain.steps, (latent) => [
        [latent.tensor, explicit(energy, latent, now, gain)],
      ]);
    case "alternate":
    case "meanField": {
      const bends = block.some((latent) => mixesFeatures(energy.model, latent))
        ? matrices(energy, evaluated, now, block, gain, tag, moving)
        : diagonals(energy, evaluated, now, block, gain, tag, moving);
      return written(energy, block, tag, [...gain.steps, ...bends.steps], (latent) =>
        minimum(energy, latent, now, bends),
      );
    }
    case "collect": {
      const { steps, next } = collectSteps(energy, evaluated, now, tag);
      return { steps, next: new Map([[block[0]?.tensor as string, next]]) };
    }
    default:
      return inference satisfies never;
  }
}

/** z − rate ∇F, or (1 − η) z + η (mean + Λ⁻¹ Σ P ∇s). */
function explicit(energy: FreeEnergy, latent: Latent, now: States, gain: Backward): Expr {
  const { inference } = energy.model;
  const state = energy.state(latent, now);
  if (inference.kind === "descend")
    return subtract(state, multiply(inference.rate, energy.slope(latent, now, gain.by)));
  const pull = load(gain.by.get(latent.tensor) as string, energy.loops(latent).map(index));
  const fixed = add(energy.quantity(latent.mean), divide(pull, energy.quantity(latent.precision)));
  const damping = inference.kind === "cccp" ? inference.damping : 1;
  return add(multiply(1 - damping, state), multiply(damping, fixed));
}

/** Curvature of the expected energy by each number, and the Newton step that reaches its minimum. */
interface Bends {
  readonly steps: readonly Step[];
  readonly stiffness: (latent: Latent) => Expr;
  readonly step: (latent: Latent) => Expr;
}

/** Each number curves by itself: the product with a direction of ones is the diagonal. */
function diagonals(
  energy: FreeEnergy,
  evaluated: Evaluated,
  now: States,
  block: readonly Latent[],
  gain: Backward,
  tag: string,
  moving: Seed,
): Bends {
  const tags = { factors: tag, own: `${tag}''` };
  const curve = energy.curvature(evaluated, now, block, tags, moving);
  const stiffness = (latent: Latent): Expr => {
    const bend = load(curve.by.get(latent.tensor) as string, energy.loops(latent).map(index));
    return subtract(energy.quantity(latent.precision), bend);
  };
  return {
    steps: curve.steps,
    stiffness,
    step: (latent) => divide(energy.slope(latent, now, gain.by), stiffness(latent)),
  };
}

/** Features of a node curve together: one matrix a node, column by column, and one solve. */
function matrices(
  energy: FreeEnergy,
  evaluated: Evaluated,
  now: States,
  block: readonly Latent[],
  gain: Backward,
  tag: string,
  moving: Seed,
): Bends {
  const tags = { factors: tag, own: `${tag}''` };
  const unit = unitDirection(`direction${tag}`);
  const along: Seed = (at, of) => multiply(unit(at, of), moving(at, of));
  const curve = energy.curvature(evaluated, now, block, tags, along);
  const named = (part: string, { tensor }: Latent): string => `${part} of ${tensor}${tag}`;
  const place = (latent: Latent) => {
    const loops = energy.loops(latent);
    const feature = loops.at(-1) as Axis;
    return { loops, feature, other: axis("column", feature.size) };
  };
  const solves = block.flatMap((latent) => {
    const { loops, feature, other } = place(latent);
    const at = [...loops, other].map(index);
    const isDiagonal = binary("equal", index(feature), index(other));
    const own = multiply(energy.quantity(latent.precision), isDiagonal);
    const entry = subtract(own, load(named("columns", latent), at));
    // A number that nothing pulls stays: its row is 0 but for the 1 that makes the system definite.
    const isFree = binary("and", isDiagonal, binary("equal", entry, number(0)));
    const shape = [...loops, other].map((loop) => loop.size);
    const column = axis("one", 1);
    return [
      map(named("matrix", latent), [...loops, other], where(isFree, 1, entry)),
      map(named("slope", latent), [...loops, column], energy.slope(latent, now, gain.by)),
      {
        kind: "routine" as const,
        routine: "linearSolve",
        inputs: { matrix: named("matrix", latent), source: named("slope", latent) },
        outputs: {
          solution: { name: named("step", latent), shape: [...shape.slice(0, -1), 1] },
        },
        options: {},
      },
    ];
  });
  const [first] = block as readonly [Latent];
  return {
    steps: [
      ...columnSteps(
        `columns${tag}`,
        place(first).feature.size,
        `direction${tag}`,
        curve.steps,
        block.map((latent) => ({
          column: curve.by.get(latent.tensor) as string,
          columns: named("columns", latent),
          shape: latent.shape,
        })),
      ),
      ...solves,
    ],
    stiffness: (latent) => {
      const at = energy.loops(latent).map(index);
      return load(named("matrix", latent), [...at, at.at(-1) as Expr]);
    },
    step: (latent) => load(named("step", latent), [...energy.loops(latent).map(index), number(0)]),
  };
}

/** Minimum of the expected energy, which is quadratic: one Newton step reaches it. */
function minimum(
  energy: FreeEnergy,
  latent: Latent,
  now: States,
  { stiffness, step }: Bends,
): [string, Expr][] {
  // Where nothing pulls, there is nothing to minimise: the number stays.
  const isFree = binary("equal", stiffness(latent), number(0));
  const state = energy.state(latent, now);
  const next: [string, Expr][] = [
    [latent.tensor, where(isFree, state, subtract(state, step(latent)))],
  ];
  if (energy.spread) {
    const variance = load(now.get(varianceOf(latent)) as string, energy.loops(latent).map(index));
    next.push([varianceOf(latent), where(isFree, variance, divide(1, stiffness(latent)))]);
  }
  return next;
}

function written(
  energy: FreeEnergy,
  block: readonly Latent[],
  tag: string,
  steps: readonly Step[],
  of: (latent: Latent) => readonly (readonly [string, Expr])[],
): Update {
  const next = block.flatMap((latent) =>
    of(latent).map(([name, value]) => ({
      name,
      step: map(`${name} next${tag}`, energy.loops(latent), value),
    })),
  );
  return {
    steps: [...steps, ...next.map(({ step }) => step)],
    next: new Map(next.map(({ name }) => [name, `${name} next${tag}`])),
  };
}

/** The same update node by node: in each turn the nodes that no edge joins with each other. */
function inTurns(
  energy: FreeEnergy,
  now: States,
  block: readonly Latent[],
  taken: readonly Latent[],
  tag: string,
): Update {
  const inside = energy.carried().filter(({ latent }) => block.includes(latent));
  const moving: States = new Map([
    ...now,
    ...inside.map(({ name }) => [name, `${name} turning${tag}`] as const),
  ]);
  const evaluated = energy.evaluate(moving, `${tag} turn`, block);
  const [first] = taken as [Latent];
  const turn = `turn${tag}`;
  // Joined nodes curve together: only those that move now are a direction without edges in it.
  const direction: Seed = (at, of) => {
    const latent = taken.find(({ tensor }) => of === `d_${moving.get(tensor)}`);
    if (latent === undefined) return number(1);
    const node = at[latent.shape.indexOf("N")] as Expr;
    return binary("equal", load(turnTensors(latent).turn, [node]), load(turn));
  };
  const update = together(energy, evaluated, moving, block, `${tag} turn`, direction);
  const masked = inside.map(({ name, latent }) => {
    const loops = energy.loops(latent);
    const at = loops.map(index);
    const next = load(update.next.get(name) as string, at);
    const state = load(moving.get(name) as string, at);
    if (!taken.includes(latent))
      return map(`${name} masked${tag}`, loops, where(binary("equal", load(turn), 0), next, state));
    const own = load(turnTensors(latent).turn, [index(energy.loop("N"))]);
    return map(`${name} masked${tag}`, loops, where(binary("equal", own, load(turn)), next, state));
  });
  for (const latent of taken) {
    energy.require(turnTensors(latent).turn, ["N"]);
    energy.require(turnTensors(latent).turns, []);
  }
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
    maxIterations: turnTensors(first).turns,
    iteration: turn,
    traces: [],
    history: {},
    iterations: `turns${tag}`,
    gradient: "unrolled",
  };
  return {
    steps: [sweep],
    next: new Map(inside.map(({ name }) => [name, moving.get(name) as string])),
  };
}
