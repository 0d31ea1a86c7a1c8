import { z } from "zod";

/** Schemas of a model's words. Every object is strict: an unknown key is an error. */

const parameter = z.strictObject({ parameter: z.string(), shape: z.array(z.string()) });
const quantity = z.union([z.number(), parameter]);
const word = <Kind extends string, Shape extends z.ZodRawShape>(kind: Kind, shape: Shape) =>
  z.strictObject({ kind: z.literal(kind), ...shape });

const move = z.discriminatedUnion("kind", [
  word("shifted", { by: z.string() }),
  word("rotated", { base: z.number().positive(), pairing: z.enum(["half", "interleaved"]) }),
  word("projected", { by: z.string(), to: z.string() }),
  word("normed", { by: z.string() }),
  word("perceptron", { by: z.string(), hidden: z.string() }),
]);
const node = z.strictObject({
  tensor: z.string(),
  shape: z.array(z.string()).min(1),
  moved: z.array(move).optional(),
});

const whole = z.number().int();
const graph: z.ZodType = z.discriminatedUnion("kind", [
  word("complete", {}),
  word("causal", {}),
  word("window", { back: whole.nullable(), ahead: whole.nullable() }),
  word("withoutSelf", {}),
  word("edges", { pairs: z.array(z.tuple([whole.min(0), whole.min(0)])) }),
  word("edgesFrom", { tensor: z.string() }),
  word("blocks", {
    size: whole.min(1),
    pattern: z.array(z.array(z.union([z.literal(0), z.literal(1)]))),
  }),
  word("intersection", {
    of: z.array(z.lazy(() => graph)),
  }),
  word("union", {
    of: z.array(z.lazy(() => graph)),
  }),
  word("motifs", { support: z.string(), logWeight: z.string().optional() }),
]);

const evidenceCount = z.number().min(1e-100).max(1e100);

const prior: z.ZodType = z.discriminatedUnion("kind", [
  word("uniform", {}),
  word("perOffset", { table: z.string() }),
  word("distanceDecay", { slope: quantity }),
  word("geometric", { stop: quantity }),
  word("betaGeometric", { alpha: evidenceCount, beta: evidenceCount }),
  word("given", { tensor: z.string(), shape: z.array(z.string()) }),
  word("expression", { text: z.string(), scalars: z.array(z.string()).optional() }),
  word("product", {
    of: z.array(z.lazy(() => prior)),
  }),
]);

const potential: z.ZodType = z.discriminatedUnion("kind", [
  word("scaledDot", { scale: quantity.optional() }),
  word("bilinear", { weight: z.string(), scale: quantity.optional() }),
  word("gaussian", { precision: quantity, normalised: z.boolean() }),
  word("prediction", {
    weight: z.string(),
    precision: quantity,
    link: z.enum(["identity", "tanh"]),
  }),
  word("softcap", {
    cap: quantity,
    of: z.lazy(() => potential),
  }),
  word("expression", {
    text: z.string(),
    scalars: z.array(z.string()).optional(),
    of: z.lazy(() => potential),
  }),
]);

const choice = z.discriminatedUnion("kind", [
  word("categorical", {}),
  word("binary", { noise: z.enum(["logistic", "probit", "none"]) }),
]);

const value = z.discriminatedUnion("kind", [
  word("indicator", {}),
  word("carried", {}),
  word("proportional", {}),
  word("hops", { weights: z.array(z.number()).min(1), reading: z.enum(["annealed", "quenched"]) }),
  word("resolvent", { continuation: z.number().min(0).lt(1) }),
]);

const count = whole.min(0);
const inference = z.discriminatedUnion("kind", [
  word("exact", {}),
  word("draw", {
    choose: z.enum(["mode", "top", "samples"]),
    count: whole.min(1),
    estimator: z.enum(["scoreFunction", "gumbel"]),
    relaxation: z.number().positive(),
  }),
  word("ridge", {
    ridge: z.union([z.number().min(0), parameter]),
    exponentiated: z.boolean(),
  }),
  word("expand", {
    scheme: z.enum(["plugin-reset", "plugin-accumulate", "vb", "exact"]),
    growth: z.enum(["prior", "posterior", "optimistic"]),
    share: z.enum(["query", "group"]),
    tail: z.number().min(0).lt(1),
    tolerance: z.number().min(0),
    maxIterations: count,
  }),
  word("em", {
    keyIterations: count,
    valueIterations: count,
    keyPriorPrecision: quantity,
    valuePriorPrecision: quantity,
    anchor: z.enum(["initial", "running"]),
    freezePrior: z.boolean(),
    magnitudePrior: z.boolean(),
    clampAnnotated: z.boolean(),
    readout: z.enum(["mean", "map"]),
    paperCompat: z.boolean(),
    annotated: z.boolean(),
    positions: z.strictObject({ query: z.boolean(), key: z.boolean(), value: z.boolean() }),
    valuePrecision: quantity,
  }),
]);

const structure = z.discriminatedUnion("kind", [
  word("linearChain", {}),
  word("dependencyTree", { roots: z.enum(["one", "many"]) }),
  word("perfectMatching", {
    method: z.enum(["sinkhorn", "exact"]),
    temperature: z.number().positive(),
    iterations: whole.min(1),
    tolerance: z.number().min(0),
  }),
]);

const edges = z.strictObject({
  name: z.string(),
  chooser: z.enum(["receiver", "sender"]),
  nodes: z.strictObject({ query: node, key: node, value: node }),
  graph,
  prior,
  potential,
  choice: choice.optional().describe("categorical when left out"),
  value,
  temperature: quantity,
  tempering: z.enum(["likelihood", "joint"]),
  whenEmpty: z.enum(["zero", "throw"]),
  offset: z.union([whole, z.literal("last")]),
  square: z.boolean(),
  inference,
});

const settling = {
  maxIterations: count,
  tolerance: z.number().min(0),
  gradient: z.enum(["unrolled", "implicit"]),
};
const cell = z.discriminatedUnion("kind", [
  word("gru", { by: z.string(), blocks: z.boolean() }),
  word("residual", {
    by: z.string(),
    norm: z.string(),
    blocks: z.boolean(),
    hidden: z.string(),
  }),
  word("readout", { factor: z.string() }),
]);
const latentInference = z.discriminatedUnion("kind", [
  word("cccp", { ...settling, damping: z.number().positive().lt(2) }),
  word("alternate", settling),
  word("descend", { ...settling, rate: z.number().positive() }),
  word("meanField", settling),
  word("collect", {
    ...settling,
    read: z.enum(["sum", "mean"]),
    epsilon: z.number().min(0),
    cells: z.array(cell),
    energy: z.boolean(),
  }),
]);
const letters = z.array(z.string());
const latent = z.strictObject({
  tensor: z.string(),
  shape: letters.min(1),
  precision: quantity,
  mean: quantity,
});
const factor = z.strictObject({
  name: z.string(),
  edges,
  active: z.enum(["one", "all", "pooled"]),
  normalised: z.boolean(),
  lengths: z.record(z.string(), z.string()),
  order: letters.optional(),
});

/** What every document begins with: the version of its words, and the model's name. */
const head = {
  edgewise: z.literal(1).describe("version of the words"),
  name: z.string(),
};

const documents = {
  edge: z.strictObject({ ...head, ...edges.shape }),
  joint: z.strictObject({ ...head, structure }),
  latent: z.strictObject({
    ...head,
    latents: z.array(latent).min(1),
    factors: z.array(factor).min(1),
    floor: node.optional(),
    inference: latentInference,
  }),
};

/** Schema of a model document of the kind that its keys say. */
export function documentOf(json: unknown): z.ZodObject {
  if (typeof json !== "object" || json === null) return documents.edge;
  if ("structure" in json) return documents.joint;
  return "latents" in json || "factors" in json ? documents.latent : documents.edge;
}

/** Schema of a model document: a declaration with the version of its words. */
export const modelDocument: z.ZodType = z
  .union(Object.values(documents))
  .meta({ id: "edgewise-model", title: "Edgewise model" });
