/** Attention whose posterior is known at once: what differs is graph, prior, potential or value. */
import {
  absolute,
  causal,
  classifier,
  conditionalMean,
  cross,
  distanceDecay,
  type EdgeModel,
  feedForward,
  given,
  hops,
  multihop,
  relative,
  resolvent,
  rotary,
  scaledDot,
  self,
  window,
} from "edgewise";
import { attention, halves, received, shares, told } from "./attention.ts";
import { count, potential, precision, scored, temperature } from "./controls.ts";
import type { Frame, Mechanism } from "./mechanism.ts";
import { countOf, entropies, floats, splitEnds, tensorOf, wholeEnds } from "./nodes.ts";

const halved = "Circles choose among squares.";
const numbered = "Order counts: nodes are numbered.";

export const edgeMechanisms = {
  self: {
    title: "Self attention",
    question: "Which node does each node attend to?",
    paper: "Vaswani et al. (2017); Singh & Buckley (2023)",
    fewest: 2,
    controls: [precision(8), temperature, potential()],
    model: (s) => self({ potential: scored(s), temperature: s("temperature") }),
    course: attention(),
  },
  causal: {
    title: "Causal self attention",
    question: "Which node that came before, or itself?",
    paper: "Singh & Buckley (2023)",
    caption: numbered,
    fewest: 2,
    controls: [precision(8), temperature, potential()],
    model: (s) => self({ graph: causal(), potential: scored(s), temperature: s("temperature") }),
    course: attention(),
  },
  cross: {
    title: "Cross attention",
    question: "Which node of the second half does each one of the first attend to?",
    paper: "Singh & Buckley (2023)",
    caption: halved,
    fewest: 2,
    controls: [precision(8), temperature, potential()],
    model: (s) => cross({ potential: scored(s), temperature: s("temperature") }),
    course: attention({ ends: halves }),
  },
  graph: {
    title: "Attention on a graph",
    question: "Which of the nodes numbered close to it? Other edges do not exist.",
    paper: "Singh & Buckley (2023), sparse attention",
    caption: numbered,
    fewest: 2,
    controls: [
      {
        ...{ name: "reach", label: "Reach", unit: "nodes", effect: "How far an edge may go." },
        ...{ least: 0, most: 20, step: 1, value: 2 },
      },
      precision(4),
      potential(),
    ],
    model: (s) =>
      self({ graph: window({ back: s("reach"), ahead: s("reach") }), potential: scored(s) }),
    course: attention(),
  },
  relative: {
    title: "Relative positions",
    question: "Which node, where near ones in order are likelier beforehand?",
    paper: "Shaw et al. (2018); Press et al. (2022), ALiBi",
    caption: numbered,
    fewest: 2,
    controls: [
      {
        ...{ name: "slope", label: "Slope", unit: "nats a step" },
        effect: "What one step of distance in order costs beforehand.",
        ...{ least: 0, most: 3, step: 0.05, value: 0.5 },
      },
      precision(4),
      potential(),
    ],
    model: (s) => relative({ prior: distanceDecay({ slope: s("slope") }), potential: scored(s) }),
    course: attention(),
  },
  absolute: {
    title: "Absolute positions",
    question: "Which node, where a place in order is added to its features?",
    paper: "Vaswani et al. (2017)",
    caption: numbered,
    fewest: 2,
    controls: [
      {
        ...{ name: "strength", label: "Strength of positions", unit: "features" },
        effect: "Higher: the place in order counts for more than the features.",
        ...{ least: 0, most: 2, step: 0.05, value: 0.5 },
      },
      precision(8),
      potential(),
    ],
    model: (s) => absolute({ potential: scored(s) }),
    course: attention({
      inputs: ({ query }, s) => ({
        position: positions(countOf(query), query.width, s("strength")),
      }),
    }),
  },
  rotary: {
    title: "Rotary positions",
    question: "Which node, where places in order turn features before they are compared?",
    paper: "Su et al. (2021)",
    caption: `${numbered} Features have to be even in number.`,
    fewest: 2,
    controls: [
      {
        ...{ name: "base", label: "Base", unit: "" },
        effect: "Of many features the slowest turns by 1 / base radians a step; of two, by 1.",
        ...{ least: 2, most: 10000, step: 0.01, value: 100, isLog: true },
      },
      { ...precision(4), label: "Scale", effect: "Higher: inner products count for more." },
    ],
    model: (s) => rotary({ base: s("base"), potential: scaledDot({ scale: s("precision") }) }),
    course: attention(),
  },
  classifier: {
    title: "Classification",
    question: "Which class does each node belong to?",
    paper: "Singh & Buckley (2023)",
    caption: "Squares, the last nodes, are classes.",
    fewest: 3,
    controls: [
      { ...count("classes", "Classes", 3, "How many there are."), least: 2 },
      precision(8),
      temperature,
      potential(),
    ],
    model: (s) => classifier({ potential: scored(s), temperature: s("temperature") }),
    course: async (model, data, settings, ask) => {
      const ends = splitEnds(data, settings("classes"));
      const inputs = { features: tensorOf(ends.query, 0), classes: tensorOf(ends.key, 0) };
      const answer = await ask(model, ["posterior", "entropy", "logEvidence"], inputs);
      const frame = {
        ...{ receivers: ends.query.places, senders: ends.key.places },
        ...{ weights: floats(answer["posterior"]), entropy: floats(answer["entropy"]) },
        logEvidence: floats(answer["logEvidence"]),
      };
      return { ...told(ends), frames: [frame], more: {}, totals: {} };
    },
  },
  multihop: {
    title: "Multihop attention",
    question: "Whose value arrives at each node, by a walk of several edges?",
    paper: "Singh & Buckley (2023)",
    fewest: 2,
    most: 1000,
    controls: [
      {
        ...{
          name: "value",
          label: "Walks",
          unit: "",
          choices: ["of so many hops", "of any length"],
        },
        effect: "All of so many hops or fewer alike; or of any length, longer ones likelier less.",
        ...{ least: 0, most: 1, step: 1, value: 0 },
      },
      {
        ...{ name: "hops", label: "Hops", unit: "edges", effect: "How far values travel." },
        ...{ least: 1, most: 8, step: 1, value: 2 },
      },
      {
        ...{ name: "continuation", label: "Continuation", unit: "probability" },
        effect: "Of walks of any length: that one goes on after an edge.",
        ...{ least: 0, most: 0.95, step: 0.05, value: 0.7 },
      },
      precision(12),
      potential(),
    ],
    model: (s) =>
      multihop({
        value:
          s("value") === 0
            ? hops({ weights: Array.from({ length: s("hops") }, () => 1 / s("hops")) })
            : resolvent({ continuation: s("continuation") }),
        potential: scored(s),
      }),
    course: async (model, data, _, ask) => {
      const { ends, weights } = await received(model, data, ask, wholeEnds);
      return { ...told(ends), frames: [shares(ends, weights)], more: {}, totals: {} };
    },
  },
  "feed-forward": {
    title: "Feed-forward layer",
    question: "Which memories does each node turn on? Each edge is on or off by itself.",
    paper: "Singh & Buckley (2023)",
    caption: "Squares are memories; rows need not add up to 1.",
    fewest: 2,
    controls: [
      {
        ...{
          name: "unit",
          label: "Unit",
          unit: "",
          choices: ["sigmoid", "gelu", "relu", "softmax"],
        },
        effect: "Noise of the switch: logistic, normal or none; or one memory alone.",
        ...{ least: 0, most: 3, step: 1, value: 0 },
      },
      {
        ...{ name: "scale", label: "Scale", unit: "1 / feature²" },
        effect: "Higher: switches are surer.",
        ...{ least: 0.5, most: 50, step: 0.01, value: 8, isLog: true },
      },
      {
        ...{ name: "odds", label: "Log odds beforehand", unit: "nats" },
        effect: "Of sigmoid and softmax: how likely a memory is on before any data.",
        ...{ least: -6, most: 6, step: 0.25, value: -1 },
      },
    ],
    model: (s) => {
      const unit = units[s("unit")] ?? "sigmoid";
      const potential = scaledDot({ scale: s("scale") });
      const hasOdds = unit === "sigmoid" || unit === "softmax";
      return feedForward({ unit, potential, ...(hasOdds && { prior: given("log_odds", ["M"]) }) });
    },
    course: async (model, data, settings, ask) => {
      const ends = splitEnds(data);
      const memories = countOf(ends.key);
      const inputs = {
        ...{ query: tensorOf(ends.query, 1), key: tensorOf(ends.key, 0) },
        value: tensorOf(ends.value, 0),
        ...(JSON.stringify(model).includes("log_odds") && {
          log_odds: {
            data: new Float32Array(memories).fill(settings("odds")),
            shape: [memories],
          },
        }),
      };
      const { posterior } = await ask(model, ["posterior"], inputs);
      const weights = floats(posterior);
      const isOne = (model as EdgeModel).choice.kind === "categorical";
      const off = isOne ? weights : weights.map((share) => 1 - share);
      const [on, both] = [entropies(weights, memories), entropies(off, memories)];
      const frame: Frame = {
        ...{ receivers: ends.query.places, senders: ends.key.places, weights },
        // Each edge is on or off: both are of its entropy.
        entropy: isOne ? on : on.map((nats, row) => nats + (both[row] as number)),
      };
      return { ...told(ends), frames: [frame], more: {}, totals: {} };
    },
  },
  "conditional-mean": {
    title: "Conditional mean",
    question: "What is expected of each circle, by regression on the squares?",
    paper: "Zhang et al. (2022)",
    caption: "Weights are no posterior: dashed ones are below 0, and rows need not add up to 1.",
    fewest: 2,
    most: 1000,
    controls: [
      {
        ...{ name: "kernel", label: "Kernel", unit: "" },
        choices: ["gaussian", "exponential", "linear"],
        effect: "How alike two nodes are: by distance, by inner product, or its exponential.",
        ...{ least: 0, most: 2, step: 1, value: 0 },
      },
      {
        ...{ name: "bandwidth", label: "Bandwidth", unit: "features" },
        effect: "Of the Gaussian kernel: how far a node speaks for others.",
        ...{ least: 0.1, most: 3, step: 0.05, value: 0.4 },
      },
      {
        ...{ name: "ridge", label: "Ridge", unit: "" },
        effect: "Higher: smaller weights, which trust each node less.",
        ...{ least: 0.001, most: 10, step: 0.01, value: 0.1, isLog: true },
      },
    ],
    model: (s) =>
      conditionalMean({
        kernel: (["gaussian", "exponential", "linear"] as const)[s("kernel")] ?? "gaussian",
        bandwidth: s("bandwidth"),
        ridge: s("ridge"),
      }),
    course: async (model, data, _, ask) => {
      const { ends, weights } = await received(model, data, ask, splitEnds);
      const frame = { receivers: ends.query.places, senders: ends.key.places, weights };
      return { ...told(ends), frames: [frame], more: {}, totals: {}, isSigned: true };
    },
  },
} satisfies Readonly<Record<string, Mechanism>>;

const units = ["sigmoid", "gelu", "relu", "softmax"] as const;

/**
 * Sines and cosines of places in order, [nodes, width].
 *
 * @source Vaswani et al. (2017), "Attention Is All You Need", 3.5.
 */
function positions(nodes: number, width: number, strength: number) {
  const data = Float32Array.from({ length: nodes * width }, (_, at) => {
    const [node, feature] = [Math.floor(at / width), at % width];
    const angle = node / 10000 ** ((feature - (feature % 2)) / width);
    return strength * (feature % 2 === 0 ? Math.sin(angle) : Math.cos(angle));
  });
  return { data, shape: [nodes, width] };
}
