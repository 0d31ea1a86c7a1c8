/**
 * A step of training as one program: gradient of the loss, and what Adam makes of it.
 *
 * @source D. P. Kingma and J. Ba, "Adam: A Method for Stochastic Optimization" (2015), algorithm 1
 */
import {
  type Axis,
  add,
  at,
  checked,
  divide,
  type Expr,
  gradient,
  load,
  map,
  multiply,
  number,
  type Program,
  sqrt,
  subtract,
} from "edgewise/ir";

/** A program whose output `loss` is to fall, and the inputs that may change, with their axes. */
export interface Trainable {
  readonly program: Program;
  readonly learned: Readonly<Record<string, readonly Axis[]>>;
}

export const adam = { first: 0.9, second: 0.999, epsilon: 1e-8 } as const;

/**
 * Inputs: those of the program, `mean W` and `square W` for each learned W, `rate` and `d_loss`;
 * outputs: `d_W`, `next W`, `next mean W`, `next square W`.
 */
export function trainingStep({ program, learned }: Trainable): Program {
  const names = Object.keys(learned);
  const slopes = gradient(program, ["loss"], names);
  const steps = [...slopes.steps];
  const inputs = [...slopes.inputs, { name: "rate", shape: [] }];
  const outputs: Record<string, string> = { ...slopes.outputs };
  for (const [name, axes] of Object.entries(learned)) {
    const [slope, rate] = [at(slopes.outputs[`d_${name}`] as string, axes), load("rate", [])];
    const mean = mixed(adam.first, at(`mean ${name}`, axes), slope);
    const square = mixed(adam.second, at(`square ${name}`, axes), multiply(slope, slope));
    const moved = divide(
      multiply(rate, at(`next mean ${name}`, axes)),
      add(sqrt(at(`next square ${name}`, axes)), number(adam.epsilon)),
    );
    steps.push(map(`next mean ${name}`, axes, mean), map(`next square ${name}`, axes, square));
    steps.push(map(`next ${name}`, axes, subtract(at(name, axes), moved)));
    for (const kept of [`mean ${name}`, `square ${name}`])
      inputs.push({ name: kept, shape: axes.map(({ size }) => size) });
    for (const kept of [name, `mean ${name}`, `square ${name}`])
      outputs[`next ${kept}`] = `next ${kept}`;
  }
  return checked({ name: `${program.name}, a step`, inputs, steps, outputs });
}

/** Rate that stands for Adam's two corrections of its means, which start at 0. */
export const correctedRate = (rate: number, step: number): number =>
  (rate * Math.sqrt(1 - adam.second ** step)) / (1 - adam.first ** step);

const mixed = (share: number, before: Expr, now: Expr): Expr =>
  add(multiply(number(share), before), multiply(number(1 - share), now));
