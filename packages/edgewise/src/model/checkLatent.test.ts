import { describe, expect, test } from "vitest";
import {
  alternate,
  binary,
  type Cell,
  cccp,
  collect,
  complete,
  descend,
  type EdgeModelOptions,
  edgeModel,
  edges,
  expression,
  type Factor,
  factor,
  gaussian,
  gru,
  hard,
  intersection,
  type Latent,
  type LatentInference,
  type LatentModel,
  latent,
  latentModel,
  meanField,
  motifs,
  parameter,
  prediction,
  predictiveCoding,
  product,
  readout,
  scaledDot,
  scored,
  softcap,
  uniform,
  window,
  withoutSelf,
} from "../index.ts";

const shape = ["B", "N", "D"];
const nodes = {
  query: { tensor: "z", shape },
  key: { tensor: "x", shape: ["B", "M", "D"] },
};
const joined = {
  nodes: { query: { tensor: "z", shape }, key: { tensor: "z", shape: ["B", "M", "D"] } },
  square: true,
  graph: withoutSelf(),
};
const z = latent("z", shape);
const recalled = factor("recalled", edgeModel({ nodes }));

const declared = (changes: object): LatentModel =>
  latentModel({
    name: "own",
    latents: [z],
    factors: [recalled],
    inference: cccp(),
    ...changes,
  } as LatentModel);
const by = (inference: LatentInference) => () => declared({ inference });
const of =
  (
    edgeOptions: EdgeModelOptions,
    changes: object = {},
    options: Partial<Omit<Factor, "name" | "edges">> = {},
  ) =>
  () =>
    declared({
      factors: [factor("recalled", edgeModel({ nodes, ...edgeOptions }), options)],
      ...changes,
    });
const believed =
  (belief: object, changes: object = {}) =>
  () =>
    declared({ latents: [{ ...z, ...belief }], ...changes });

test("a latent model of words that fit is what was declared", () => {
  const model = { name: "own", latents: [z], factors: [recalled], inference: cccp() };
  expect(declared({})).toEqual(model);
  expect(JSON.parse(JSON.stringify(model))).toEqual(model);
});

/** A refusal, what was found, and how to mend it. */
const refused: [string, () => unknown, string, string][] = [
  ["no latents", () => declared({ latents: [] }), "no latents", "give latents"],
  ["latents that are no list", () => declared({ latents: z }), "latents as object", "give latents"],
  ["no factors", () => declared({ factors: [] }), "no factors", "give factors"],
  ["two latents of a name", () => declared({ latents: [z, z] }), "two latents z", "rename one"],
  [
    "two factors of a name",
    () => declared({ factors: [recalled, recalled] }),
    "two factors recalled",
    "rename one",
  ],
  ["a latent without a tensor", believed({ tensor: 3 }), "tensor 3", "as a text"],
  ["a latent whose shape is a text", believed({ shape: "BND" }), "shape BND", "as a list"],
  ["a negative precision", believed({ precision: -1 }), "precision of z -1", ""],
  ["a precision that is no number", believed({ precision: Number.NaN }), "precision of z NaN", ""],
  ["an infinite mean", believed({ mean: Number.POSITIVE_INFINITY }), "mean of z Infinity", ""],
  ["cccp without a precision", believed({ precision: 0 }), "precision 0", "alternate()"],
  [
    "a latent that nothing joins",
    () => declared({ latents: [z, latent("y", shape)] }),
    "a latent y that no factor joins",
    "take y out",
  ],
  [
    "a factor that knows the latent in another shape",
    believed({ shape: ["B", "N"] }),
    "z [B, N, D]",
    "the same letters",
  ],
  [
    "a factor that draws its edges",
    () =>
      declared({
        factors: [factor("recalled", { ...hard(), nodes: { ...hard().nodes, ...nodes } })],
      }),
    "inference draw",
    "leave inference out",
  ],
  [
    "a factor whose edges are neither",
    of({}, {}, { active: "some" as "one" }),
    "active some",
    "choose one",
  ],
  [
    "binary edges without an evidence",
    of({ choice: binary({ noise: "probit" }) }),
    "binary edges of noise probit under cccp",
    'binary({ noise: "logistic" })',
  ],
  ["a mixture of graphs", of({ graph: motifs() }), "a mixture of graphs", "take the motifs out"],
  [
    "a text that reads a latent",
    of({ potential: scored("score + z[batch, i, 0]") }),
    "a text of factor recalled that names the latent z",
    "the query or the key",
  ],
  [
    "a prior's text that reads a latent",
    of({ prior: product(uniform(), expression("z[batch, j, 0]")) }),
    "names the latent z",
    "the query or the key",
  ],
  [
    "pooled edges of a product",
    of({}, { inference: descend() }, { active: "pooled" }),
    "pools a scaledDot",
    '"one" or "all"',
  ],
  [
    "nodes joined with themselves",
    of({ ...joined, graph: complete() }),
    "joins nodes of z with themselves",
    "withoutSelf()",
  ],
  [
    "nodes joined with themselves by a window",
    of({ ...joined, graph: window({ back: 1, ahead: 1 }) }),
    "joins nodes of z with themselves",
    "withoutSelf()",
  ],
  [
    "nodes joined with themselves by a list",
    of({
      ...joined,
      graph: edges([
        [0, 1],
        [2, 2],
      ]),
    }),
    "joins nodes of z with themselves",
    "withoutSelf()",
  ],
  [
    "nodes joined with each other, not square",
    of({ ...joined, square: false, graph: edges([[0, 1]]) }),
    "not square",
    "square: true",
  ],
  ["a damping of 0", by(cccp({ damping: 0 })), "damping 0", ""],
  ["a damping of 2", by(cccp({ damping: 2 })), "damping 2", ""],
  ["a rate of 0", by(descend({ rate: 0 })), "rate 0", ""],
  ["half an iteration", by(cccp({ maxIterations: 0.5 })), "maxIterations 0.5", ""],
  ["fewer than no iterations", by(alternate({ maxIterations: -1 })), "maxIterations -1", ""],
  ["a negative tolerance", by(meanField({ tolerance: -1e-9 })), "tolerance -1e-9", ""],
  [
    "an endless tolerance",
    by(cccp({ tolerance: Number.POSITIVE_INFINITY })),
    "tolerance Infinity",
    "",
  ],
  [
    "an implicit gradient without a tolerance",
    by(cccp({ gradient: "implicit" })),
    "tolerance 0",
    '"unrolled"',
  ],
  [
    "a gradient of another kind",
    by(cccp({ gradient: "implcit" as "implicit" })),
    "gradient implcit",
    "implicit",
  ],
  [
    "an inference of another kind",
    by({ ...cccp(), kind: "ccp" } as unknown as LatentInference),
    "ccp",
    "cccp",
  ],
  [
    "a latent and a factor of one name",
    () => declared({ factors: [{ ...recalled, name: "z" }] }),
    "a latent and a factor z",
    "rename",
  ],
  [
    "a factor under the name of a reading",
    () => declared({ factors: [{ ...recalled, name: "freeEnergy" }] }),
    "a factor freeEnergy",
    "rename the factor",
  ],
  [
    "a factor under the name of a slope",
    () => declared({ factors: [{ ...recalled, name: "gradient.z" }] }),
    "a factor gradient.z",
    "rename the factor",
  ],
  [
    "a factor without a name",
    () => declared({ factors: [{ ...recalled, name: undefined as unknown as string }] }),
    "name undefined",
    "as a text",
  ],
  [
    "a name of spaces",
    () => declared({ factors: [{ ...recalled, name: " " }] }),
    'name " "',
    "some letters",
  ],
  [
    "an order that drops a letter",
    of({}, {}, { order: ["B", "N"] }),
    "order B, N of factor recalled",
    "once",
  ],
  [
    "an order that is a text",
    of({}, {}, { order: "BNM" as unknown as string[] }),
    "order BNM",
    "as a list",
  ],
  [
    "normalised as a text",
    of({}, {}, { normalised: "no" as unknown as boolean }),
    "normalised no",
    "one of these",
  ],
  [
    "a length of another letter",
    of({}, {}, { lengths: { N: "units" } }),
    "z [B, N, D] in factor recalled",
    "lengths",
  ],
  [
    "a damping that is a parameter",
    () => declared({ inference: { ...cccp(), damping: parameter("t") as unknown as number } }),
    "damping as a parameter",
    "a number",
  ],
  [
    "a rate that is a parameter",
    () => declared({ inference: { ...descend(), rate: parameter("t") as unknown as number } }),
    "rate as a parameter",
    "a number",
  ],
  [
    "a tolerance that is a parameter",
    () => declared({ inference: { ...cccp(), tolerance: parameter("t") as unknown as number } }),
    "tolerance as a parameter",
    "a number",
  ],
  [
    "a cell that is a text",
    () => declared({ inference: collect({ cells: ["gru" as unknown as Cell] }) }),
    "gru as cell",
    "gru",
  ],
  [
    "a cell with a misspelt key",
    () =>
      declared({
        inference: collect({ cells: [{ ...gru("g"), block: true } as unknown as Cell] }),
      }),
    "the key block",
    "blocks",
  ],
  [
    "a floor of receivers",
    () => declared({ floor: { tensor: "x", shape: ["B", "N", "D"] } }),
    "a floor x [B, N, D]",
    "these letters",
  ],
  [
    "a key counted by receivers",
    of({ nodes: { ...nodes, key: { tensor: "x", shape: ["B", "N", "D"] } } }),
    "x [B, N, D]",
    "write M in place of N",
  ],
  [
    "a query counted by senders",
    of({ nodes: { ...nodes, query: { tensor: "z", shape: ["B", "M", "D"] } } }),
    "z [B, M, D]",
    "write N in place of M",
  ],
  [
    "no inference",
    by(undefined as unknown as LatentInference),
    "no inference",
    "write inference: cccp()",
  ],
  [
    "exact minima of a text",
    of({ potential: scored("score") }, { inference: alternate() }),
    "expression that is not quadratic, under alternate",
    "descend()",
  ],
  [
    "mean fields of a cap",
    of({ potential: softcap({ cap: 2 }) }, { inference: meanField() }),
    "softcap that is not quadratic, under meanField",
    "descend()",
  ],
  [
    "collecting with a negative epsilon",
    () => declared({ inference: collect({ epsilon: -1 }) }),
    "epsilon -1",
    "give epsilon",
  ],
  [
    "collecting for two latents",
    () =>
      declared({
        latents: [z, latent("x", ["B", "M", "D"])],
        inference: collect(),
      }),
    "2 latents under collect",
    "descend() or cccp()",
  ],
  [
    "collecting a value of other nodes",
    () => declared({ inference: collect() }),
    "a value value [B, G, M, V] of factor recalled",
    "nodes: { value: … }",
  ],
  [
    "collecting a value of another width",
    of(
      { nodes: { ...nodes, value: { tensor: "x", shape: ["B", "M", "W"] } } },
      { inference: collect() },
    ),
    "a value x [B, M, W]",
    "nodes: { value: … }",
  ],
  [
    "a readout of nothing",
    () => declared({ inference: collect({ cells: [readout("other")] }) }),
    "a readout of other",
    "readout(…)",
  ],
  [
    "two factors to collect from",
    () => declared({ factors: [recalled, { ...recalled, name: "again" }], inference: collect() }),
    "2 factors to collect from",
    "readout(…)",
  ],
  [
    "collecting all edges",
    of({}, { inference: collect() }, { active: "all" }),
    "all under collect",
    "leave active out",
  ],
];

describe("a declaration of latent nodes", () => {
  test.each(refused)("with %s is refused, with what to do", (_, declare, got, fix) => {
    let error: unknown;
    try {
      declare();
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toMatchObject({
      code: "bad_model",
      got: expect.stringContaining(got),
      expected: expect.stringMatching(/\w/),
      fix: expect.stringContaining(fix),
    });
  });

  test("names the model and the nearest option when one is misspelt", () => {
    const misspelt = [
      () => latent("z", shape, { precison: 2 } as object),
      () => factor("f", edgeModel({ nodes }), { activ: "one" } as object),
      () => cccp({ dampng: 1 } as object),
      () => declared({ flor: nodes.key }),
      () => declared({ latents: [{ ...z, precison: 1 }] }),
      () => declared({ factors: [{ ...recalled, activ: "one" }] }),
    ];
    const meant = ["precision", "active", "damping", "floor", "precision", "active"];
    misspelt.forEach((declare, k) => {
      expect(declare).toThrow(`write ${meant[k]} in place of`);
    });
  });

  test("that pools its edges takes no exact minima: its senders would move at once", () => {
    for (const inference of [alternate(), meanField()])
      expect(() =>
        latentModel({ ...predictiveCoding({ variant: "standard" }), inference }),
      ).toThrow("pooled");
    expect(() => predictiveCoding({ variant: "standard" })).not.toThrow();
  });

  test("may join different nodes of one tensor, by any graph that leaves a node's own edge out", () => {
    const graphs = [
      withoutSelf(),
      edges([[0, 1]]),
      intersection(window({ back: 1, ahead: 1 }), withoutSelf()),
    ];
    for (const graph of graphs) expect(of({ ...joined, graph })).not.toThrow();
    // Descent promises nothing, so any graph will do.
    expect(of({ ...joined, graph: complete() }, { inference: descend() })).not.toThrow();
  });

  test("may take exact minima of what is quadratic", () => {
    const weight = { weight: "w", precision: 2 };
    for (const potential of [scaledDot(), gaussian(), prediction(weight)])
      expect(of({ potential }, { inference: alternate() })).not.toThrow();
    expect(
      of({ potential: prediction({ ...weight, link: "tanh" }) }, { inference: alternate() }),
    ).toThrow("prediction that is not quadratic");
  });

  test("may leave precisions out where nothing divides by them", () => {
    const without: Latent = { ...z, precision: 0 };
    for (const inference of [alternate(), meanField(), descend()])
      expect(() => declared({ latents: [without], inference })).not.toThrow();
    const carrying = factor("recalled", edgeModel({ nodes: { ...nodes, value: nodes.key } }));
    const collecting = { latents: [without], factors: [carrying], inference: collect() };
    expect(() => declared(collecting)).not.toThrow();
  });
});
