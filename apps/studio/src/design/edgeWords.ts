/** Words of edge models: who may attend to whom, what is believed, how data scores, what it is worth. */
import {
  boolean,
  choice,
  expressionText,
  inner,
  json,
  letters,
  number,
  numbers,
  type Option,
  quantity,
  several,
  text,
  type Words,
  word,
} from "./vocabulary.ts";

export const scalars: Option = letters(
  "scalars",
  "Scalars of the text",
  "Learned numbers that the text names, by their tensors.",
);

export const graph: Words = {
  complete: word("Every receiver may attend to every sender.", "complete"),
  causal: word("Only to senders at or before the receiver: j ≤ i.", "causal"),
  window: word("Only to senders near in order: from i − back to i + ahead.", "window", [
    number("back", "Back", "How far before the receiver an edge may begin.", {
      ...{ unit: "nodes", range: [0, 4096, 1], begin: 2, usual: null, open: "all before" },
    }),
    number("ahead", "Ahead", "How far after the receiver an edge may begin.", {
      ...{ unit: "nodes", range: [0, 4096, 1], begin: 2, usual: null, open: "all after" },
    }),
  ]),
  withoutSelf: word("To every sender but the node itself: j ≠ i.", "withoutSelf"),
  blocks: word("By blocks of nodes: a pattern says which block may attend to which.", "blocks", [
    number("size", "Size", "Nodes of a block.", {
      ...{ unit: "nodes", range: [1, 4096, 1], begin: 4 },
    }),
    json("pattern", "Pattern", "Rows of receivers' blocks: 1 where senders' block is seen.", {
      begin: [
        [1, 0, 0],
        [1, 1, 0],
        [0, 1, 1],
      ],
    }),
  ]),
  edges: word(
    "Along the edges of a list.",
    "edges",
    [
      json("pairs", "Pairs", "Each edge as [receiver, sender].", {
        begin: [
          [0, 1],
          [1, 0],
        ],
      }),
    ],
    { first: ["pairs"] },
  ),
  edgesFrom: word(
    "Along the edges of a tensor [E, 2] that is given with the data.",
    "edgesFrom",
    [text("tensor", "Tensor", "Its name.", { begin: "edges", usual: "edges" })],
    { first: ["tensor"] },
  ),
  intersection: word(
    "Only edges that all of these graphs have.",
    "intersection",
    [several("of", "graph", "graph", [{ kind: "causal" }, { kind: "withoutSelf" }])],
    { isVariadic: true },
  ),
  union: word(
    "Edges that one of these graphs has, or more.",
    "union",
    [several("of", "graph", "graph", [{ kind: "causal" }])],
    { isVariadic: true },
  ),
  motifs: word(
    "One of several graphs, which is inferred: a tensor [K, N, M] of 0 and 1.",
    "motifs",
    [
      text("support", "Support", "Tensor of each graph's edges.", {
        ...{ begin: "support", usual: "support" },
      }),
      text("logWeight", "Log weight", "Tensor [K] of log weights of the graphs; none for alike."),
    ],
  ),
};

export const prior: Words = {
  uniform: word("Every edge of the graph is as likely beforehand.", "uniform"),
  expression: word(
    "Log probability as a text of the receiver i and the sender j.",
    "expression",
    [
      expressionText("Log prior", "Nats, up to a constant; forbidden removes the edge.", "0"),
      scalars,
    ],
    { first: ["text"] },
  ),
  distanceDecay: word(
    "Less likely with distance in order, linearly in nats: ALiBi.",
    "distanceDecay",
    [
      quantity("slope", "Slope", "What one step of distance costs beforehand.", {
        ...{ unit: "nats a step", range: [0, 10, 0.05], begin: 0.5 },
      }),
    ],
  ),
  geometric: word("Looking stops at each step with one probability.", "geometric", [
    quantity("stop", "Stop", "Higher: looks less far.", {
      ...{ unit: "probability", range: [0, 0.999, 0.01], begin: 0.1 },
    }),
  ]),
  betaGeometric: word(
    "Geometric with a continuation probability that is inferred (with inference expand).",
    "betaGeometric",
    [
      number("alpha", "Stops", "Stops counted beforehand.", {
        ...{ unit: "counts", range: [0.01, 1000, 0.5], begin: 1, usual: 1 },
      }),
      number("beta", "Continuations", "Continuations counted beforehand: higher looks farther.", {
        ...{ unit: "counts", range: [0.01, 1000, 0.5], begin: 4, usual: 4 },
      }),
    ],
  ),
  perOffset: word(
    "One learned log prior for every head and offset j − i.",
    "perOffset",
    [
      text("table", "Table", "Tensor [H, N + M − 1].", {
        ...{ begin: "relative_prior", usual: "relative_prior" },
      }),
    ],
    { first: ["table"] },
  ),
  given: word(
    "Log priors as a tensor that is given with the data.",
    "given",
    [
      text("tensor", "Tensor", "Its name.", { begin: "log_prior", usual: "log_prior" }),
      letters("shape", "Shape", "Its shape in letters.", {
        ...{ begin: ["B|1", "H|1", "N", "M"], usual: ["B|1", "H|1", "N", "M"] },
      }),
    ],
    { first: ["tensor", "shape"] },
  ),
  product: word(
    "Several beliefs at once: log priors add up.",
    "product",
    [several("of", "prior", "prior", [{ kind: "uniform" }])],
    { isVariadic: true },
  ),
};

const dot = { kind: "scaledDot" };

export const potential: Words = {
  scaledDot: word("Inner product of query and key, scaled.", "scaledDot", [
    quantity("scale", "Scale", "Higher: sharper posteriors. Left out: 1/√D.", {
      ...{ unit: "1 / product", range: [0, 100, 0.5], open: "1/√D" },
    }),
  ]),
  gaussian: word("Squared distance of query and key, under a precision.", "gaussian", [
    quantity("precision", "Precision", "Higher: only the nearest nodes are likely.", {
      ...{ unit: "1 / distance²", range: [0, 100, 0.5], begin: 8, usual: 1 },
    }),
    boolean("normalised", "With its normaliser", "Matters where precisions differ.", true),
  ]),
  bilinear: word("Query times a learned matrix times key: widths may differ.", "bilinear", [
    text("weight", "Weight", "Tensor [D, C].", { begin: "weight", usual: "weight" }),
    quantity("scale", "Scale", "Higher: sharper posteriors.", {
      ...{ unit: "1 / product", range: [0, 100, 0.5], begin: 1, usual: 1 },
    }),
  ]),
  prediction: word("The key predicts the query along its own edge: squared error.", "prediction", [
    text("weight", "Weight", "Tensor [N, M], or [N, M, D, C].", { begin: "weight" }),
    quantity("precision", "Precision", "Higher: errors cost more.", {
      ...{ unit: "1 / error²", range: [0, 100, 0.5], begin: 1, usual: 1 },
    }),
    choice("link", "Link", "What the prediction passes through.", ["identity", "tanh"]),
  ]),
  softcap: word("No score beyond a cap: cap · tanh(score / cap).", "softcap", [
    quantity("cap", "Cap", "The most that an edge can be worth.", {
      ...{ unit: "nats", range: [0.1, 100, 0.5], begin: 20 },
    }),
    inner("potential", "The score that is capped.", dot, dot),
  ]),
  expression: word(
    "A text of the score.",
    "scored",
    [
      expressionText("Log potential", "A text of score, i and j, in nats.", "score"),
      inner("potential", "The score that the text changes.", dot, dot),
      scalars,
    ],
    { first: ["text", "of"] },
  ),
};

export const edgeChoice: Words = {
  categorical: word("Each node owns exactly one edge: its posterior is a softmax.", "categorical"),
  binary: word("Each edge is there or not, apart from all others.", "binary", [
    choice("noise", "Noise", "logistic gives a sigmoid, probit the normal's, none a step.", [
      ...["logistic", "probit", "none"],
    ]),
  ]),
};

export const value: Words = {
  carried: word("The sender's value, carried along the edge.", "carried"),
  indicator: word("The edge itself: the expectation is the posterior.", "indicator"),
  proportional: word("The sender's value times the edge's potential.", "proportional"),
  hops: word("Values of nodes 1, 2, … hops away, weighted.", "hops", [
    numbers("weights", "Weights", "One for each hop.", { begin: [0.5, 0.5], usual: [1, 1] }),
    choice("reading", "Reading", "A new graph at every hop, or one that is walked twice.", [
      ...["annealed", "quenched"],
    ]),
  ]),
  resolvent: word("Any number of hops, each taken with one probability.", "resolvent", [
    number("continuation", "Continuation", "Higher: values travel farther.", {
      ...{ unit: "probability", range: [0, 0.999, 0.01], begin: 0.8 },
    }),
  ]),
};

/** Options of an edge model beside its words. */
export const edgeOptions: readonly Option[] = [
  choice("chooser", "Chooser", "Receivers gather from senders, or senders compete for receivers.", [
    ...["receiver", "sender"],
  ]),
  quantity("temperature", "Temperature", "Higher: flatter posteriors. Lower: one edge takes all.", {
    ...{ unit: "1", range: [0.05, 10, 0.05], usual: 1 },
  }),
  choice("tempering", "Tempering", "What temperature divides: the score, or prior and score.", [
    ...["likelihood", "joint"],
  ]),
  choice("whenEmpty", "Without any edge", "A node without edges answers 0, or is an error.", [
    ...["zero", "throw"],
  ]),
  json("offset", "Offset", 'Position of the first receiver among the senders, or "last".', {
    usual: 0,
  }),
  boolean("square", "Square", "Receivers and senders are the same nodes: several hops need it."),
];
