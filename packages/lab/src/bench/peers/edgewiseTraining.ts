import { type Engine, type Inputs, multihop, projected, type Tensor, withoutSelf } from "edgewise";
import {
  type Axis,
  at,
  axis,
  divide,
  index,
  load,
  map,
  multiply,
  number,
  size,
  subtract,
  sum,
} from "edgewise/ir";
import { correctedRate, type Trainable, trainingStep } from "../../training/adam.ts";
import { network, part } from "../../training/network.ts";
import { rate } from "../check/training.ts";
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
  const artifact = engine.lower(trainingStep(twoHops()));
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
      const corrected = scalar(correctedRate(rate, steps));
      const outputs = run({ ...given, ...state, rate: corrected, d_loss: scalar(1) });
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

/** Mean squared error of ⟨readout, (P + P²) X⟩ at the last node. */
function twoHops(): Trainable {
  const node = (by: string, nodes: "N" | "M") => ({
    tensor: "nodes",
    shape: ["B", nodes, "D"],
    moved: [projected(by)],
  });
  const attention = part(
    multihop({
      graph: withoutSelf(),
      nodes: {
        query: node("query_weight", "N"),
        key: node("key_weight", "M"),
        value: { tensor: "nodes", shape: ["B", "M", "D"] },
      },
    }),
    "hops",
  );
  const [b, d] = [axis("b", "B"), axis("d", "D")];
  const last = subtract(size("N"), number(1));
  const expectation = load(attention.readings["expectation"] as string, [index(b), last, index(d)]);
  const predicted = sum(d, multiply(at("readout", [d]), expectation));
  const error = at("error", [b]);
  const program = network(
    "two hops",
    [
      attention,
      map("error", [b], subtract(predicted, at("target", [b]))),
      map("loss", [], divide(sum(b, multiply(error, error)), size("B"))),
    ],
    [
      { name: "readout", shape: ["D"] },
      { name: "target", shape: ["B"] },
    ],
    { loss: "loss" },
  );
  return { program, learned };
}
