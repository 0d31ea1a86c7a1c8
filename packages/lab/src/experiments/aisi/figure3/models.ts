/** The models of Figure 3: attention of one query, whose prior over distances is what differs. */
import {
  attentionNodes,
  type EdgeModel,
  type ExpandingOptions,
  edgeModel,
  expanding,
  geometric,
  type Inputs,
  normals,
  type Prior,
  projected,
  type Tensor,
  uniform,
} from "edgewise";
import {
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
import type { Trainable } from "../../../training/adam.ts";
import { network, part } from "../../../training/network.ts";

const [b, v] = [axis("b", "B"), axis("v", "V")];
const scored = [axis("r", "D"), axis("d", "D")];
const learned: Trainable["learned"] = {
  query_weight: scored,
  key_weight: scored,
  value_weight: [axis("r", "V"), v],
  readout: [v],
};

/** Queries, keys and values, each projected. */
const nodes: EdgeModel["nodes"] = {
  query: { ...attentionNodes.query, moved: [projected("query_weight")] },
  key: { ...attentionNodes.key, moved: [projected("key_weight")] },
  value: { ...attentionNodes.value, moved: [projected("value_weight", "V")] },
};

/** The query behind the last key looks at all of them, under a prior over distances. */
export const lookBack = (prior: Prior): EdgeModel => edgeModel({ prior, offset: "last", nodes });

/** Every node looks back as far as it believes to be worth while. */
export const growingLook = (options: ExpandingOptions): EdgeModel =>
  expanding({ ...options, nodes });

/** A head under a fixed prior: geometric with a stopping probability, or else uniform. Output: `loss`. */
export function headUnder(stop: number | undefined): Trainable {
  const prior = stop === undefined ? uniform() : geometric({ stop });
  const head = part(lookBack(prior), "head");
  const expectation = load(head.readings["expectation"] as string, [
    index(b),
    number(0),
    number(0),
    index(v),
  ]);
  const error = at("error", [b]);
  const program = network(
    "figure 3",
    [
      head,
      map(
        "error",
        [b],
        subtract(sum(v, multiply(at("readout", [v]), expectation)), at("target", [b])),
      ),
      map("loss", [], divide(sum(b, multiply(error, error)), size("B"))),
    ],
    [
      { name: "target", shape: ["B"] },
      { name: "readout", shape: ["V"] },
    ],
    { loss: "loss" },
  );
  return { program, learned };
}

/** Weights to begin with. */
export function initial(width: number, seed: number): Inputs {
  const normal = normals(31 * seed + 7);
  const drawn = (...shape: number[]): Tensor => {
    const count = shape.reduce((x, y) => x * y, 1);
    const data = Float32Array.from({ length: count }, () => normal() / Math.sqrt(width));
    return { data, shape };
  };
  return Object.fromEntries(
    Object.entries(learned).map(([name, axes]) => [name, drawn(...axes.map(() => width))]),
  );
}
