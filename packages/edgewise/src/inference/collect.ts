/**
 * Updates that collect what edges carry and pass it through learned cells.
 *
 * @source Locatello et al. (2020), "Object-Centric Learning with Slot Attention"; Singh et al. (2023),
 *   "Neural Systematic Binder", for blocks; docs/mathematics.md, 5.2 and 5.3.
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
  type Size,
  size,
  sqrt,
  subtract,
  sum,
  unary,
  where,
} from "../ir/expr.ts";
import { map } from "../ir/fold.ts";
import type { Step } from "../ir/program.ts";
import { renamed } from "../ir/reads.ts";
import type { Cell, Collect } from "../model/latentInference.ts";
import type { Latent } from "../model/latentModel.ts";
import type { LoweredFactor } from "./factors.ts";
import type { Evaluated, FreeEnergy, States } from "./freeEnergy.ts";

/** Steps of one update of the one latent, and the tensor of its next state. */
export interface Collected {
  readonly steps: readonly Step[];
  readonly next: string;
  /** Of each factor that a cell reads out: the names of its tensors at the state that it read. */
  readonly readings: ReadonlyMap<string, ReadonlyMap<string, string>>;
}

export function collectSteps(energy: FreeEnergy, evaluated: Evaluated): Collected {
  const { states: now, tag } = evaluated;
  const inference = energy.model.inference as Collect;
  const [latent] = energy.model.latents as readonly [Latent];
  const read = new Set(
    inference.cells.flatMap((cell) => (cell.kind === "readout" ? [cell.factor] : [])),
  );
  const [source] = evaluated.evidences
    .map(({ factor }) => factor)
    .filter(({ factor }) => !read.has(factor.name)) as [LoweredFactor];
  const collected = `collected${tag}`;
  const steps = gathered(energy, evaluated, source, collected);
  const readings = new Map<string, ReadonlyMap<string, string>>();
  let state = now.get(latent.tensor) as string;
  let made = collected;
  for (const [k, cell] of inference.cells.entries()) {
    const to = `${cell.kind} ${k + 1}${tag}`;
    if (cell.kind === "readout")
      readings.set(cell.factor, readNames(energy, cell.factor, state, to));
    steps.push(...new CellSteps(energy, latent, cell, to).of(state, made));
    state = to;
    made = to;
  }
  return { steps, next: made, readings };
}

/** Names of a factor's tensors where a cell reads it out at a state. */
function readNames(
  energy: FreeEnergy,
  name: string,
  state: string,
  to: string,
): ReadonlyMap<string, string> {
  const [latent] = energy.model.latents as readonly [Latent];
  const factor = energy.factors.find((one) => one.factor.name === name);
  const states: States = new Map([[latent.tensor, state]]);
  return factor === undefined ? states : energy.names(factor, states, ` in ${to}`);
}

/** Σ P v at the latent's nodes, or its mean. */
function gathered(
  energy: FreeEnergy,
  at: Evaluated,
  { factor, posterior }: LoweredFactor,
  to: string,
): Step[] {
  const { read, epsilon } = energy.model.inference as Collect;
  if (posterior === undefined) return [];
  const { receivers, feature, carried, mean, total } = posterior;
  const source = energy.factors.find((one) => one.factor === factor) as LoweredFactor;
  const names = energy.names(source, at.states, at.tag);
  const loops = [...receivers, feature];
  const place = loops.map(index);
  const [sums, mass, all] = [`carried${at.tag}`, `mass${at.tag}`, `total${at.tag}`];
  if (read === "mean" && epsilon === 0 && mean !== undefined) {
    const none = binary(
      "equal",
      load(mass, receivers.map(index)),
      number(Number.NEGATIVE_INFINITY),
    );
    return [
      renamed(mean(sums, mass), names),
      map(to, loops, where(none, unmoved(energy, at, place), load(sums, place))),
    ];
  }
  const fold = renamed(carried(sums, mass), names);
  if (read === "sum") return [fold, map(to, loops, load(sums, place))];
  const groups = receivers.filter(({ name }) => name !== "i");
  const held = multiply(epsilon, load(all, [...groups.map(index), index(feature)]));
  const senders = factor.lengths["M"] ?? "M";
  const weight = add(load(mass, receivers.map(index)), multiply(epsilon, size(senders)));
  const value = divide(add(load(sums, place), held), weight);
  const none = binary("equal", weight, number(0));
  return [
    fold,
    ...(epsilon === 0 ? [] : [renamed(total(all), names)]),
    map(to, loops, where(none, unmoved(energy, at, place), value)),
  ];
}

/** A node that nothing chose has collected nothing, and stays. */
function unmoved(energy: FreeEnergy, { states }: Evaluated, place: readonly Expr[]): Expr {
  const [latent] = energy.model.latents as readonly [Latent];
  return load(states.get(latent.tensor) as string, place);
}

const sigmoid = (x: Expr): Expr => multiply(0.5, add(1, unary("tanh", multiply(0.5, x))));

/** One cell at every node, its features whole or in blocks. */
class CellSteps {
  private readonly energy: FreeEnergy;
  private readonly latent: Latent;
  private readonly cell: Cell;
  private readonly to: string;
  /** Loops of a node, its block included, and of the features that mix. */
  private readonly nodes: readonly Axis[];
  private readonly block: Axis | undefined;
  private readonly width: string;

  constructor(energy: FreeEnergy, latent: Latent, cell: Cell, to: string) {
    this.energy = energy;
    this.latent = latent;
    this.cell = cell;
    this.to = to;
    const last = latent.shape.at(-1) as string;
    const [blocks, inner] = last.split("*") as [string, string | undefined];
    const split = inner !== undefined && cell.kind !== "readout" && cell.blocks;
    this.block = split ? axis("block", blocks) : undefined;
    this.width = split ? (inner as string) : last;
    this.nodes = [
      ...latent.shape.slice(0, -1).map((letter) => energy.loop(letter)),
      ...(this.block ? [this.block] : []),
    ];
  }

  of(state: string, collected: string): Step[] {
    switch (this.cell.kind) {
      case "gru":
        return this.gru(this.cell.by, state, collected);
      case "residual":
        return this.residual(this.cell, state);
      case "readout":
        return this.readout(this.cell.factor, state);
      default:
        return this.cell satisfies never;
    }
  }

  private feature(name: string): Axis {
    return axis(name, this.width);
  }

  /** Element of a state, whose blocks lie one after the other. */
  private at(tensor: string, feature: Expr): Expr {
    const nodes = this.nodes.filter((loop) => loop !== this.block).map(index);
    const flat =
      this.block === undefined
        ? feature
        : add(multiply(index(this.block), size(this.width)), feature);
    return load(tensor, [...nodes, flat]);
  }

  /** Learned tensor, one for each block where there are blocks. */
  private weight(name: string, shape: readonly string[], at: readonly Expr[]): Expr {
    const block = this.block === undefined ? [] : [this.block];
    this.energy.require(name, [...block.map((loop) => String(loop.size)), ...shape]);
    return load(name, [...block.map(index), ...at]);
  }

  /** A tensor of states from values at nodes and features. */
  private written(name: string, feature: Axis, value: Expr): Step {
    const nodes = this.nodes.filter((loop) => loop !== this.block);
    const at = this.at(name, index(feature));
    const shape: Size[] = [...nodes.map((loop) => loop.size), this.latent.shape.at(-1) as string];
    return {
      kind: "map",
      over: [...this.nodes, feature],
      results: [{ name, shape, along: [], at: at.kind === "load" ? at.at : [], value }],
    };
  }

  private gru(by: string, state: string, collected: string): Step[] {
    const { width } = this;
    const [row, d] = [axis("gate", `3*${width}`), this.feature("d")];
    const driven = (weight: string, bias: string, from: string): Expr => {
      const w = this.weight(weight, [`3*${width}`, width], [index(row), index(d)]);
      const b = this.weight(bias, [`3*${width}`], [index(row)]);
      return add(sum(d, multiply(w, this.at(from, index(d)))), b);
    };
    const [fromInput, fromState] = [`input gates of ${this.to}`, `state gates of ${this.to}`];
    const c = this.feature("c");
    const gate = (from: string, k: number): Expr =>
      load(from, [...this.nodes.map(index), add(multiply(k, size(width)), index(c))]);
    const reset = sigmoid(add(gate(fromInput, 0), gate(fromState, 0)));
    const keep = sigmoid(add(gate(fromInput, 1), gate(fromState, 1)));
    const fresh = unary("tanh", add(gate(fromInput, 2), multiply(reset, gate(fromState, 2))));
    const next = add(multiply(subtract(1, keep), fresh), multiply(keep, this.at(state, index(c))));
    const over = [...this.nodes, row];
    return [
      map(fromInput, over, driven(`${by}.weight_ih`, `${by}.bias_ih`, collected)),
      map(fromState, over, driven(`${by}.weight_hh`, `${by}.bias_hh`, state)),
      this.written(this.to, c, next),
    ];
  }

  private residual(
    { by, norm, hidden }: Extract<Cell, { kind: "residual" }>,
    state: string,
  ): Step[] {
    const { width, nodes } = this;
    const [d, c, unit] = [this.feature("d"), this.feature("c"), axis("unit", hidden)];
    const [mean, variance, normal, inner] = ["mean", "variance", "norm", "hidden"].map(
      (part) => `${part} of ${this.to}`,
    ) as [string, string, string, string];
    const own = nodes.map(index);
    const gap = subtract(this.at(state, index(d)), load(mean, own));
    // Norms are shared by all blocks, as a block is what they normalise.
    for (const part of ["weight", "bias"]) this.energy.require(`${norm}.${part}`, [width]);
    const scaled = multiply(
      divide(gap, sqrt(add(load(variance, own), 1e-5))),
      load(`${norm}.weight`, [index(d)]),
    );
    const first = this.weight(`${by}.0.weight`, [hidden, width], [index(unit), index(d)]);
    const second = this.weight(`${by}.1.weight`, [width, hidden], [index(c), index(unit)]);
    const driven = add(
      sum(d, multiply(first, load(normal, [...own, index(d)]))),
      this.weight(`${by}.0.bias`, [hidden], [index(unit)]),
    );
    const added = add(
      sum(unit, multiply(second, load(inner, [...own, index(unit)]))),
      this.weight(`${by}.1.bias`, [width], [index(c)]),
    );
    return [
      map(mean, nodes, divide(sum(d, this.at(state, index(d))), size(width))),
      map(variance, nodes, divide(sum(d, multiply(gap, gap)), size(width))),
      map(normal, [...nodes, d], add(scaled, load(`${norm}.bias`, [index(d)]))),
      map(inner, [...nodes, unit], binary("max", driven, number(0))),
      this.written(this.to, c, add(this.at(state, index(c)), added)),
    ];
  }

  /** Σ P v of a factor whose receivers are the blocks of this state. */
  private readout(name: string, state: string): Step[] {
    const { energy, latent } = this;
    const factor = energy.factors.find((one) => one.factor.name === name);
    if (factor?.posterior === undefined) return [];
    const names = readNames(energy, name, state, this.to);
    const { receivers, feature, carried } = factor.posterior;
    const [sums, mass] = [`read of ${this.to}`, `mass of ${this.to}`];
    const last = latent.shape.at(-1) as string;
    const nodes = receivers.filter(({ name: loop }) => loop !== "h");
    const block = receivers.find(({ name: loop }) => loop === "h");
    const flat =
      block === undefined
        ? index(feature)
        : add(multiply(index(block), size(feature.size)), index(feature));
    return [
      ...factor.varying.map((step) => renamed(step, names)),
      renamed(carried(sums, mass), names),
      {
        kind: "map",
        over: [...receivers, feature],
        results: [
          {
            name: this.to,
            shape: [...nodes.map((loop) => loop.size), last],
            along: [],
            at: [...nodes.map(index), flat],
            value: load(sums, [...receivers, feature].map(index)),
          },
        ],
      },
    ];
  }
}
