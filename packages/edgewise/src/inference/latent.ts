/**
 * Program of a latent model: an iteration over blocks of latents, the free energy before each
 * round and at the end, and what can be read at the point that was reached.
 *
 * @source docs/mathematics.md, 4.2–4.4.
 */
import { axis, binary, index, load, number, subtract, unary, where } from "../ir/expr.ts";
import { map } from "../ir/fold.ts";
import type { Block, FixedPoint, Program, Step } from "../ir/program.ts";
import { renamed } from "../ir/reads.ts";
import type { Latent, LatentModel } from "../model/latentModel.ts";
import { collectSteps } from "./collect.ts";
import { FreeEnergy, type States } from "./freeEnergy.ts";
import { laplaceReadings, laplaceSteps } from "./laplace.ts";
import { blocksOf } from "./sweep.ts";
import { type Update, updateOf } from "./update.ts";

const nowOf = (name: string): string => `${name} now`;
const beforeOf = (name: string): string => `${name} before`;

/** Program with every state, the course of the free energy, slopes, posteriors and curvature. */
export function latentProgram(model: LatentModel): Program {
  const energy = new FreeEnergy(model);
  const carried = energy.carried().map(({ name }) => name);
  const now: States = new Map(carried.map((name) => [name, nowOf(name)]));
  const loop = iteration(energy, now);
  const reached = energetic(model) ? atTheEnd(energy, now) : { steps: [], outputs: {} };
  const steps: Step[] = [
    ...energy.constant,
    ...startsOf(energy),
    loop,
    ...reached.steps,
    ...posteriors(energy),
  ];
  const observed = model.factors
    .flatMap(({ edges: { nodes } }) => [nodes.query.tensor, nodes.key.tensor])
    .filter((name) => !now.has(name));
  return {
    name: model.name,
    inputs: [...energy.inputs.values()],
    steps,
    outputs: {
      ...Object.fromEntries(carried.map((name) => [name, nowOf(name)])),
      ...Object.fromEntries(observed.map((name) => [name, name])),
      ...Object.fromEntries(
        energy.factors
          .filter(({ posterior }) => posterior !== undefined)
          .map(({ factor: { name } }) => [name, `posterior of ${name}`]),
      ),
      ...reached.outputs,
    },
  };
}

/** Whether updates follow the free energy, so that it says something. */
const energetic = ({ inference }: LatentModel): boolean =>
  inference.kind !== "collect" || inference.energy;

/** Free energy, slopes and curvature where the iteration ended. */
function atTheEnd(
  energy: FreeEnergy,
  now: States,
): { steps: Step[]; outputs: Record<string, string> } {
  const { latents } = energy.model;
  const end = energy.evaluate(now, " end");
  const slopes = energy.gainGradient(end, latents);
  return {
    steps: [
      ...end.steps,
      ...energy.energySteps(end),
      ...["freeEnergy", "magnitude"].map((name) => course(energy, name)),
      ...slopes.steps,
      ...latents.map((latent) =>
        map(
          `slope of ${latent.tensor}`,
          energy.loops(latent),
          energy.slope(latent, now, slopes.by),
        ),
      ),
      ...laplaceSteps(energy, end),
    ],
    outputs: {
      ...Object.fromEntries(
        latents.map(({ tensor }) => [`gradient.${tensor}`, `slope of ${tensor}`]),
      ),
      freeEnergy: "freeEnergy",
      magnitude: "magnitude",
      ...laplaceReadings(energy),
    },
  };
}

/** States before the first round: latents as given, their variances 1. */
function startsOf(energy: FreeEnergy): Step[] {
  if (!energy.spread) return [];
  return energy
    .carried()
    .filter(({ name, latent }) => name !== latent.tensor)
    .map(({ name, latent }) => map(`${name} start`, energy.loops(latent), 1));
}

/** Rounds over the blocks, with the energy before each. */
function iteration(energy: FreeEnergy, now: States): FixedPoint {
  const { inference, latents } = energy.model;
  const { maxIterations, tolerance, gradient } = inference;
  // A gradient moves every latent at once; minima are taken block by block.
  const blocks = inference.kind === "descend" ? [[...latents]] : blocksOf(energy.model);
  const lowered = blocks.map((block, k) => lowerBlock(energy, now, { block, tag: ` ${k + 1}` }));
  const last = lowered.at(-1) as Block;
  const moving = tolerance > 0 ? [moves(energy, now, { blocks, lowered })] : [];
  const states = energy.carried().flatMap(({ name, latent }) => {
    const initial = name === latent.tensor ? name : `${name} start`;
    return [nowOf(name), beforeOf(name)].map((state) => ({
      name: state,
      initial,
      shape: latent.shape,
    }));
  });
  return {
    kind: "fixedPoint",
    name: energy.model.name,
    state: states,
    blocks: [...lowered.slice(0, -1), { ...last, steps: [...last.steps, ...moving] }],
    maxIterations,
    iteration: "round",
    ...(tolerance > 0 ? { active: "moving" } : {}),
    traces: (energetic(energy.model) ? ["freeEnergy", "magnitude"] : []).map((of) => ({
      tensor: `${of} before`,
      of: `${of} 1`,
      shape: energy.per.map((loop) => loop.size),
    })),
    history: {},
    iterations: "rounds",
    gradient,
  };
}

function lowerBlock(
  energy: FreeEnergy,
  now: States,
  { block, tag }: { readonly block: readonly Latent[]; readonly tag: string },
): Block {
  const isFirst = tag === " 1";
  const evaluated = energy.evaluate(now, tag, isFirst ? undefined : block);
  const update: Update = updateOf(energy, evaluated, block);
  const before = isFirst
    ? energy.carried().map(({ name }) => [beforeOf(name), nowOf(name)] as const)
    : [];
  return {
    name: block.map(({ tensor }) => tensor).join(" and "),
    steps: [
      ...evaluated.steps,
      ...(isFirst && energetic(energy.model) ? energy.energySteps(evaluated) : []),
      ...update.steps,
    ],
    update: Object.fromEntries([
      ...before,
      ...[...update.next].map(([name, next]) => [nowOf(name), next]),
    ]),
  };
}

/** How many numbers of the latents moved by the tolerance or more in this round. */
function moves(
  energy: FreeEnergy,
  now: States,
  {
    blocks,
    lowered,
  }: { readonly blocks: readonly (readonly Latent[])[]; readonly lowered: readonly Block[] },
): Step {
  const { tolerance } = energy.model.inference;
  const results = blocks.flatMap((block, k) =>
    block.map((latent) => {
      const along = energy.loops(latent);
      const at = along.map(index);
      const state = now.get(latent.tensor) as string;
      const next = load(lowered[k]?.update[state] as string, at);
      // Earlier blocks have taken effect: what they moved from stands under `before`.
      const from = k === blocks.length - 1 ? state : beforeOf(latent.tensor);
      const change = unary("abs", subtract(next, load(from, at)));
      const value = binary("lessEqual", number(tolerance), change);
      return { name: "moving", shape: [], along, at: [], value };
    }),
  );
  return { kind: "map", over: [], results };
}

/** A trace of the rounds with the value at the end. */
function course(energy: FreeEnergy, name: string): Step {
  const { maxIterations, tolerance } = energy.model.inference;
  const t = axis("t", tolerance > 0 ? "rounds#+1" : maxIterations + 1);
  const at = energy.per.map(index);
  const isEarlier = binary("less", index(t), load("rounds"));
  const value = where(
    isEarlier,
    load(`${name} before`, [...at, index(t)]),
    load(`${name} end`, at),
  );
  return map(name, [...energy.per, t], value);
}

/** Posterior over the edges of each factor in the last round: under the states that it read. */
function posteriors(energy: FreeEnergy): Step[] {
  const before: States = new Map(energy.carried().map(({ name }) => [name, beforeOf(name)]));
  const evaluated = energy.evaluate(before, " before");
  const collected = energetic(energy.model) ? undefined : collectSteps(energy, evaluated);
  const dense = energy.factors.flatMap((factor) => {
    const { name } = factor.factor;
    const step = factor.posterior?.dense(`posterior of ${name}`);
    const names = collected?.readings.get(name) ?? energy.names(factor, before, " before");
    return step === undefined ? [] : [renamed(step, names)];
  });
  return [...evaluated.steps, ...(collected?.steps ?? []), ...dense];
}
