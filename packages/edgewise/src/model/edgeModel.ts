import { checkOptions } from "../errors/options.ts";
import { checkModel } from "./check.ts";
import { type Choice, categorical } from "./choice.ts";
import { complete, type Graph } from "./graph.ts";
import type { Inference } from "./inference.ts";
import { attentionShapes, type NodeTensor } from "./node.ts";
import { type Potential, scaledDot } from "./potential.ts";
import { type Prior, uniform } from "./prior.ts";
import type { Quantity } from "./quantity.ts";
import { carried, type Value } from "./value.ts";

/**
 * Attention as it is declared: who may attend to whom, what is believed beforehand, how data
 * scores an edge, what an edge is worth. Plain data: it is its own JSON document.
 */
export interface EdgeModel {
  readonly name: string;
  /** Which end owns the choice: receivers gather from senders, or senders scatter to receivers. */
  readonly chooser: "receiver" | "sender";
  readonly nodes: {
    readonly query: NodeTensor;
    readonly key: NodeTensor;
    readonly value: NodeTensor;
  };
  readonly graph: Graph;
  readonly prior: Prior;
  readonly potential: Potential;
  /** Which edges exist together: one of an owner's, or each by itself. */
  readonly choice: Choice;
  readonly value: Value;
  readonly temperature: Quantity;
  /** What temperature divides: the potential ("likelihood"), or prior and potential ("joint"). */
  readonly tempering: "likelihood" | "joint";
  readonly whenEmpty: "zero" | "throw";
  /** Position of the first receiver among the senders. */
  readonly offset: number | "last";
  /** Receivers and senders are the same nodes. */
  readonly square: boolean;
  readonly inference: Inference;
}

export type EdgeModelOptions = Partial<Omit<EdgeModel, "nodes">> & {
  readonly nodes?: Partial<EdgeModel["nodes"]>;
};

/** Nodes of a transformer layer. */
export const attentionNodes: EdgeModel["nodes"] = {
  query: { tensor: "query", shape: attentionShapes.query },
  key: { tensor: "key", shape: attentionShapes.key },
  value: { tensor: "value", shape: attentionShapes.value },
};

/**
 * Declaration of an attention mechanism; what is left out is plain cross attention.
 *
 * @throws bad_model when its words contradict each other
 */
export function edgeModel(options: EdgeModelOptions = {}): EdgeModel {
  checkOptions(options, ["nodes", ...Object.keys(defaults)], options?.name ?? "edgeModel");
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  const model: EdgeModel = {
    ...defaults,
    ...Object.fromEntries(given),
    nodes: { ...attentionNodes, ...options.nodes },
  };
  checkModel(model);
  return model;
}

const defaults: Omit<EdgeModel, "nodes"> = {
  name: "edge model",
  chooser: "receiver",
  graph: complete(),
  prior: uniform(),
  potential: scaledDot(),
  choice: categorical(),
  value: carried(),
  temperature: 1,
  tempering: "likelihood",
  whenEmpty: "zero",
  offset: 0,
  square: false,
  inference: { kind: "exact" },
};
