/** Words of inference, of latent models and of structures. */
import {
  boolean,
  choice,
  json,
  number,
  type Option,
  quantity,
  several,
  text,
  type Words,
  word,
} from "./vocabulary.ts";

const rounds = (key: string, label: string, begin: number, usual: number): Option =>
  number(key, label, "How long it goes on at most.", {
    ...{ unit: "rounds", range: [0, 1000, 1], begin, usual },
  });
const tolerance = (usual: number, effect: string): Option =>
  number("tolerance", "Tolerance", effect, {
    ...{ unit: "largest change", range: [0, 1, 1e-6], begin: usual, usual },
  });
const gradient = choice("gradient", "Gradient", "Back through every round, or at the end point.", [
  ...["unrolled", "implicit"],
]);
const settling = [
  rounds("maxIterations", "Rounds", 10, 1),
  tolerance(0, "It ends when nothing moves by this much; at 0 it runs every round."),
  gradient,
];

export const inference: Words = {
  exact: word("The posterior itself: a softmax over each node's edges.", "exact"),
  draw: word("Hard attention: edges are chosen instead of averaged over.", "draw", [
    choice("choose", "Choose", "The likeliest edge, the likeliest few, or draws.", [
      ...["mode", "top", "samples"],
    ]),
    number("count", "How many", "Edges that are kept, or draws.", {
      ...{ unit: "edges", range: [1, 1000, 1], begin: 1, usual: 1 },
    }),
    choice(
      "estimator",
      "Estimator",
      "How gradients pass draws: without bias, or with less variance.",
      [...["scoreFunction", "gumbel"]],
    ),
    number("relaxation", "Relaxation", "Temperature at which gumbel relaxes a draw.", {
      ...{ unit: "1", range: [0.01, 10, 0.05], begin: 0.5, usual: 0.5 },
    }),
  ]),
  ridge: word("Kernel ridge regression of values on keys: weights may be below 0.", "ridge", [
    quantity("ridge", "Ridge", "Higher: smoother.", {
      ...{ unit: "1", range: [0, 10, 0.001], begin: 1e-3, usual: 1e-3 },
    }),
    boolean("exponentiated", "Kernel is exp of the potential", "Else the potential itself.", true),
  ]),
  expand: word("Windows that grow while it is inferred how far to look.", "expand", [
    choice("scheme", "Scheme", "How the continuation probability is inferred.", [
      ...["plugin-reset", "plugin-accumulate", "vb", "exact"],
    ]),
    choice("growth", "Growth", "What bounds the mass outside a window.", [
      ...["prior", "posterior", "optimistic"],
    ]),
    choice("share", "Share", "One probability for each query, or for all.", ["query", "group"]),
    number("tail", "Tail", "Mass that may stay outside the window.", {
      ...{ unit: "probability", range: [0, 0.99, 0.01], begin: 0.01, usual: 0.01 },
    }),
    tolerance(1e-3, "Updates end when the probability moves by less."),
    rounds("maxIterations", "Updates", 12, 12),
  ]),
  em: word("Expectation–maximisation: keys move to what they explain.", null, [
    rounds("keyIterations", "Updates of keys", 3, 0),
    rounds("valueIterations", "Updates of values", 0, 0),
    quantity("keyPriorPrecision", "Key prior", "Higher: keys stay where they were.", {
      ...{ unit: "1 / distance²", range: [0, 100, 0.5], begin: 1 },
    }),
    quantity("valuePriorPrecision", "Value prior", "Higher: values stay as they were.", {
      ...{ unit: "1 / distance²", range: [0, 100, 0.5], begin: 1 },
    }),
    choice("anchor", "Anchor", "Where the priors of keys stand.", ["initial", "running"]),
    boolean("freezePrior", "Frozen prior", "The prior over units stays as it began.", true),
    boolean("magnitudePrior", "Magnitude prior", "Longer keys are likelier beforehand."),
    boolean("clampAnnotated", "Clamp annotations", "Annotated values are answered as given."),
    choice("readout", "Readout", "The posterior's mean, or one step of its mode.", ["mean", "map"]),
    boolean("paperCompat", "As in the paper", "Without normalisers, annotations left out."),
    boolean("annotated", "Annotations", "Takes values that are known for some nodes."),
    json("positions", "Positions", "Which tables of positions are added.", {
      begin: { query: false, key: false, value: false },
    }),
    quantity("valuePrecision", "Value precision", "How exactly units explain values.", {
      ...{ unit: "1 / distance²", range: [0, 100, 0.5], begin: 1 },
    }),
  ]),
};

export const latentInference: Words = {
  cccp: word("Concave–convex procedure: the energy never rises.", "cccp", [
    ...settling,
    number("damping", "Damping", "Share of each step that is taken, below 2.", {
      ...{ unit: "1", range: [0.01, 1.99, 0.05], begin: 1, usual: 1 },
    }),
  ]),
  alternate: word("Posterior over edges and best states in turn.", "alternate", settling),
  descend: word("Gradient descent on the free energy.", "descend", [
    ...settling,
    number("rate", "Rate", "Too high, and the free energy rises.", {
      ...{ unit: "1", range: [0.001, 2, 0.01], begin: 0.1, usual: 0.1 },
    }),
  ]),
  meanField: word(
    "Gaussian beliefs about states and posterior over edges in turn.",
    "meanField",
    settling,
  ),
  collect: word("States become what their edges carry, then what cells make of it.", "collect", [
    ...settling,
    choice("read", "Read", "Weighted sum, or weighted mean.", ["sum", "mean"]),
    number("epsilon", "Epsilon", "Added to every weight of a mean.", {
      ...{ unit: "probability", range: [0, 1, 1e-8], begin: 0, usual: 0 },
    }),
    several("cells", "cell", "cell", []),
    boolean("energy", "Follows an energy", "It is read, and may not rise."),
  ]),
};

export const cell: Words = {
  gru: word(
    "Gated recurrent unit.",
    "gru",
    [
      text("by", "Weights", "Prefix of its tensors.", { begin: "gru" }),
      boolean("blocks", "In blocks", "Each block of features has weights of its own."),
    ],
    { first: ["by"] },
  ),
  residual: word(
    "State plus a perceptron of its layer norm.",
    "residual",
    [
      text("by", "Weights", "Prefix of its tensors.", { begin: "mlp" }),
      text("norm", "Norm", "Prefix of the layer norm's tensors.", { begin: "mlp_norm" }),
      boolean("blocks", "In blocks", "Each block of features has weights of its own."),
      text("hidden", "Hidden width", "Its letter.", { begin: "X", usual: "X" }),
    ],
    { first: ["by", "norm"] },
  ),
  readout: word(
    "State replaced by what a factor's edges carry to it.",
    "readout",
    [text("factor", "Factor", "Its name.", { begin: "posterior" })],
    { first: ["factor"] },
  ),
};

export const move: Words = {
  shifted: word(
    "Positions added to the nodes.",
    "shifted",
    [
      text("by", "Positions", "Tensor of positions by features.", {
        ...{ begin: "position", usual: "position" },
      }),
    ],
    { first: ["by"] },
  ),
  rotated: word("Positions rotate pairs of features.", "rotated", [
    number("base", "Base", "Higher: slower rotations.", {
      ...{ unit: "1", range: [1, 1e6, 1], begin: 10000, usual: 10000 },
    }),
    choice("pairing", "Pairing", "Which features are turned together.", ["half", "interleaved"]),
  ]),
  projected: word(
    "Times a learned matrix.",
    "projected",
    [
      text("by", "Weight", "Tensor [to, width].", { begin: "projection" }),
      text("to", "To", "Letter of the new width.", { begin: "D", usual: "D" }),
    ],
    { first: ["by", "to"] },
  ),
  normed: word(
    "Layer norm over the features.",
    "normed",
    [text("by", "Weights", "Prefix of its tensors.", { begin: "norm" })],
    { first: ["by"] },
  ),
  perceptron: word(
    "Through one hidden layer of rectified units.",
    "perceptron",
    [
      text("by", "Weights", "Prefix of its tensors.", { begin: "mlp" }),
      text("hidden", "Hidden width", "Its letter.", { begin: "X", usual: "X" }),
    ],
    { first: ["by", "hidden"] },
  ),
};

export const structure: Words = {
  linearChain: word("A state for every step; neighbouring steps score their pair.", "linearChain"),
  dependencyTree: word("One head for every node, without cycles.", "dependencyTree", [
    choice("roots", "Roots", "Exactly one root, or any number.", ["one", "many"]),
  ]),
  perfectMatching: word(
    "Each receiver with one sender, each sender with one receiver.",
    "perfectMatching",
    [
      choice(
        "method",
        "Method",
        "Sinkhorn's iteration, or the sum over permutations of at most 8.",
        [...["sinkhorn", "exact"]],
      ),
      number("temperature", "Temperature", "Higher: flatter.", {
        ...{ unit: "1", range: [0.05, 10, 0.05], begin: 1, usual: 1 },
      }),
      number("iterations", "Iterations", "Most rounds of Sinkhorn's method.", {
        ...{ unit: "rounds", range: [1, 1000, 1], begin: 1000, usual: 1000 },
      }),
      number("tolerance", "Tolerance", "Deviation of a row's sum from 1 at which it ends.", {
        ...{ unit: "1", range: [0, 1, 1e-6], begin: 1e-6, usual: 1e-6 },
      }),
    ],
  ),
};

/** Options of a latent and of a factor beside its edges. */
export const latentOptions: readonly Option[] = [
  quantity("precision", "Precision", "Of the Gaussian belief about each number; 0 for none.", {
    ...{ unit: "1 / state²", range: [0, 100, 0.5], usual: 1 },
  }),
  quantity("mean", "Mean", "Of the Gaussian belief about each number.", {
    ...{ unit: "as the state", range: [-100, 100, 0.1], usual: 0 },
  }),
];
export const factorOptions: readonly Option[] = [
  choice("active", "Edges that exist", "One of a node's, all at once, or all pooled into one.", [
    ...["one", "all", "pooled"],
  ]),
  boolean("normalised", "Prior normalised", "Its mass is divided out of the evidence.", true),
  json("lengths", "Lengths", "Lengths that letters mean here.", { usual: {} }),
  json("order", "Order", "Letters of the posterior's shape as it is read."),
];
