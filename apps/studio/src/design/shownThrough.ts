/** Through which mechanism's eyes a model is looked at: what it is by now, not what it began as. */
import type { EdgeModel, Model } from "edgewise";
import { at, kindOf } from "./document.ts";

const structures: Readonly<Record<string, string>> = {
  linearChain: "chain",
  dependencyTree: "tree",
  perfectMatching: "matching",
};
const inferences: Readonly<Record<string, string>> = {
  draw: "hard",
  ridge: "conditional-mean",
  expand: "expanding",
  em: "probabilistic",
};
/** Mechanisms that are looked at in the same way: all that differs is in the document. */
const plainEdges = ["self", "causal", "cross", "graph", "relative", "rotary"];

/** Name of the mechanism whose data and frames suit a model that began with `base`. */
export function shownThrough(base: string, model: Model): string {
  const kind = kindOf(model);
  if (kind === "joint") return structures[String(at(model, ["structure", "kind"]))] ?? base;
  if (kind === "latent") return latent(model);
  const { graph, nodes, value, inference } = model as EdgeModel;
  if (nodes.query.tensor === "features") return "classifier";
  if (nodes.query.shape.length === 3) return "feed-forward";
  const inferred = inferences[inference.kind];
  if (inferred !== undefined) return inferred;
  if (JSON.stringify(graph).includes('"motifs"')) return "motif";
  if (value.kind === "hops" || value.kind === "resolvent") return "multihop";
  const isShifted = nodes.query.moved?.some(({ kind }) => kind === "shifted") ?? false;
  if (isShifted) return "absolute";
  return plainEdges.includes(base) ? base : "self";
}

function latent(model: Model): string {
  const state = String(at(model, ["latents", 0, "tensor"]));
  if (state === "slots") return at(model, ["factors", 1]) === undefined ? "slot" : "block-slot";
  return state === "state" ? "hopfield" : "predictive-coding";
}
