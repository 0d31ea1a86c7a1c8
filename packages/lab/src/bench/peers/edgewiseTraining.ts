import { type Engine, type Inputs, multihop, projected, type Tensor, withoutSelf } from "edgewise";
import { compile } from "edgewise/compile";
import {
  type Axis,
  add,
  at,
  axis,
  checked,
  divide,
  type Expr,
  gradient,
  index,
  load,
  map,
  multiply,
  number,
  type Program,
  simplify,
  size,
  sqrt,
  subtract,
  sum,
} from "edgewise/ir";
import { adam } from "../check/training.ts";
import { dataOf, inputsOf } from "../workload/inputs.ts";
import type { Workload } from "../workload/workload.ts";
import type { Opened } from "./peer.ts";

/** Weights that are learned, and their axes. */
const learned: Readonly<Record<string, readonly Axis[]>> = {
  query_weight: [axis("r", "D"), axis("d", "D")],
  key_weight: [axis("r", "D"), axis("d", "D")],
  readout: [axis("d", "D")],
};
const names = Object.keys(learned);

/**
 * A training step: predictions at the last node, their error, its gradient by the weights, and
 * Adam, as one program of the intermediate representation and one call of the engine.
 */
export async function openTraining(workload: Workload, engine: Engine): Promise<Opened> {
  const inputs = inputsOf(workload);
  const artifact = engine.lower(checked(trainingStep()));
  const run = (of: Inputs): Inputs => engine.runSync?.(artifact, of).outputs ?? {};
  let state: Record<string, Tensor> = {};
  for (const name of names) {
    const { shape } = inputs[name] ?? { shape: [] };
    const zeros = (): Tensor => ({ data: new Float32Array(dataOf(inputs, name).length), shape });
    state = {
      ...state,
      [name]: { data: dataOf(inputs, name), shape },
      [`mean ${name}`]: zeros(),
      [`square ${name}`]: zeros(),
    };
  }
  let gradients: Record<string, Tensor> = {};
  let steps = 0;
  const given = { nodes: inputs["nodes"] as Tensor, target: inputs["target"] as Tensor };
  return {
    call: () => {
      steps++;
      const rate = (adam.rate * Math.sqrt(1 - adam.second ** steps)) / (1 - adam.first ** steps);
      const outputs = run({ ...given, ...state, rate: scalar(rate), d_loss: scalar(1) });
      state = Object.fromEntries(
        Object.keys(state).map((name) => [name, outputs[`next ${name}`] as Tensor]),
      );
      gradients = Object.fromEntries(
        names.map((name) => [`d_${name}`, outputs[`d_${name}`] as Tensor]),
      );
    },
    outputs: () =>
      Object.fromEntries(
        Object.entries(gradients).map(([name, { data, shape }]) => [
          name,
          { data, width: shape.at(-1) ?? 1 },
        ]),
      ),
  };
}

const scalar = (value: number): Tensor => ({ data: Float32Array.of(value), shape: [] });

/** Gradient of the loss, and what Adam makes of it: weights, first and second moments. */
function trainingStep(): Program {
  const slopes = gradient(lossOfModel(), ["loss"], names);
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
      inputs.push({ name: kept, shape: axes.map((one) => one.size) });
    for (const kept of [name, `mean ${name}`, `square ${name}`])
      outputs[`next ${kept}`] = `next ${kept}`;
  }
  return { name: "training step", inputs, steps, outputs };
}

const mixed = (share: number, before: Expr, now: Expr): Expr =>
  add(multiply(number(share), before), multiply(number(1 - share), now));

/** Mean squared error of ⟨readout, (P + P²) X⟩ at the last node. */
function lossOfModel(): Program {
  const node = (by: string, nodes: "N" | "M") => ({
    tensor: "nodes",
    shape: ["B", nodes, "D"],
    moved: [projected(by)],
  });
  const model = multihop({
    graph: withoutSelf(),
    nodes: {
      query: node("query_weight", "N"),
      key: node("key_weight", "M"),
      value: { tensor: "nodes", shape: ["B", "M", "D"] },
    },
  });
  const program = compile(model);
  const [b, d] = [axis("b", "B"), axis("d", "D")];
  const last = subtract(size("N"), number(1));
  const expectation = load(program.outputs["expectation"] as string, [index(b), last, index(d)]);
  const predicted = sum(d, multiply(at("readout", [d]), expectation));
  const error = at("error", [b]);
  return simplify({
    ...program,
    inputs: [
      // Not the numbers of draws, which no loss of this model reads.
      ...program.inputs.filter(({ name }) => name === "nodes" || names.includes(name)),
      { name: "readout", shape: ["D"] },
      { name: "target", shape: ["B"] },
    ],
    steps: [
      ...program.steps,
      map("error", [b], subtract(predicted, at("target", [b]))),
      map("loss", [], divide(sum(b, multiply(error, error)), size("B"))),
    ],
    outputs: { loss: "loss" },
  });
}
