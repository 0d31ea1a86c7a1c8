/** Attention you can declare: the words, the mechanisms, and the posterior expectation. */
export { normals, uniforms } from "./array/random.ts";
export type { Float64Tensor, Numbers, Tensor } from "./array/tensor.ts";
export { tensor } from "./array/tensor.ts";
export {
  disposeEngines,
  type EngineOptions,
  engineNamed,
  engineNames,
  type Verdict,
} from "./engines/choose.ts";
export type {
  Answer,
  Engine,
  Inputs,
  Lowering,
  StepLowering,
  Unsupported,
} from "./engines/engine.ts";
export { catalog, type ErrorCode } from "./errors/catalog.ts";
export { EdgewiseError, type ErrorFields } from "./errors/edgewiseError.ts";
export { nearest, suggest } from "./errors/nearest.ts";

export { absolute } from "./mechanisms/absolute.ts";
export { type BlockSlotOptions, blockSlot } from "./mechanisms/blockSlot.ts";
export { chain } from "./mechanisms/chain.ts";
export { classifier } from "./mechanisms/classifier.ts";
export { conditionalMean } from "./mechanisms/conditionalMean.ts";
export { cross } from "./mechanisms/cross.ts";
export { type ExpandingOptions, expanding } from "./mechanisms/expanding.ts";
export { feedForward } from "./mechanisms/feedForward.ts";
export { graph } from "./mechanisms/graph.ts";
export { hard } from "./mechanisms/hard.ts";
export { hopfield } from "./mechanisms/hopfield.ts";
export { matching } from "./mechanisms/matching.ts";
export { motif } from "./mechanisms/motif.ts";
export { multihop } from "./mechanisms/multihop.ts";
export { type PredictiveCodingOptions, predictiveCoding } from "./mechanisms/predictiveCoding.ts";
export { probabilistic } from "./mechanisms/probabilistic.ts";
export { relative } from "./mechanisms/relative.ts";
export { rotary } from "./mechanisms/rotary.ts";
export { self } from "./mechanisms/self.ts";
export { type SlotOptions, slot } from "./mechanisms/slot.ts";
export { tree } from "./mechanisms/tree.ts";
export { binary, type Choice, categorical } from "./model/choice.ts";
export {
  attentionNodes,
  type EdgeModel,
  type EdgeModelOptions,
  edgeModel,
} from "./model/edgeModel.ts";
export { expressionWords, tensorsOf } from "./model/expression.ts";
export {
  blocks,
  causal,
  complete,
  edges,
  edgesFrom,
  type Graph,
  intersection,
  motifs,
  union,
  window,
  withoutSelf,
} from "./model/graph.ts";
export {
  type DrawInference,
  draw,
  type EmInference,
  type ExpandInference,
  type ExpandOptions,
  exact,
  expand,
  type Inference,
  type RidgeInference,
  ridge,
} from "./model/inference.ts";
export {
  dependencyTree,
  type JointModel,
  type JointModelOptions,
  jointModel,
  linearChain,
  perfectMatching,
  type Structure,
} from "./model/jointModel.ts";
export {
  type Alternate,
  alternate,
  type Cccp,
  type Cell,
  type Collect,
  cccp,
  collect,
  type Descend,
  descend,
  gru,
  type Iterations,
  type LatentInference,
  type MeanField,
  meanField,
  readout,
  residual,
} from "./model/latentInference.ts";
export {
  type Factor,
  factor,
  type Latent,
  type LatentModel,
  latent,
  latentModel,
} from "./model/latentModel.ts";

export type { Model } from "./model/model.ts";
export {
  type NodeMove,
  type NodeTensor,
  normed,
  perceptron,
  projected,
  rotated,
  shifted,
} from "./model/node.ts";
export {
  bilinear,
  gaussian,
  type Potential,
  prediction,
  scaledDot,
  scored,
  softcap,
} from "./model/potential.ts";
export {
  betaGeometric,
  distanceDecay,
  expression,
  geometric,
  given,
  type Prior,
  perOffset,
  product,
  uniform,
} from "./model/prior.ts";
export { type Parameter, parameter, type Quantity } from "./model/quantity.ts";
export { carried, hops, indicator, proportional, resolvent, type Value } from "./model/value.ts";
export {
  type Cost,
  type ExplainOptions,
  type Explanation,
  explain,
  type Shapes,
} from "./posterior/explain.ts";
export { type PosteriorOptions, posteriorExpectation } from "./posterior/posteriorExpectation.ts";
export {
  type CallOptions,
  type DefaultReading,
  type DefaultReadingOf,
  type Gradients,
  type Info,
  type Prepared,
  type PrepareOptions,
  type Pullback,
  prepare,
  type Reading,
  type Readings,
} from "./posterior/prepare.ts";
