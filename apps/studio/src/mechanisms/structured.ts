/** Structured attention: edges that hang together, so that a posterior is one over all of them. */
import { chain, type JointModel, type Model, matching, tree } from "edgewise";
import { shares, told } from "./attention.ts";
import { count, precision } from "./controls.ts";
import type { Ask, Course, Data, End, Frame, Mechanism, Nodes } from "./mechanism.ts";
import { closeness, countOf, entropies, floats, sliced, splitEnds, transposed } from "./nodes.ts";

/** Sinkhorn's rounds that are followed. */
const rounds = 12;

export const structuredMechanisms = {
  chain: {
    title: "Linear chain",
    question: "Which state is each node in, where nodes that follow each other share it?",
    paper: "Kim et al. (2017)",
    caption: "Squares, the last nodes, are states; circles follow each other in order.",
    fewest: 4,
    controls: [
      { ...count("states", "States", 3, "How many there are."), least: 2 },
      precision(4),
      {
        ...{ name: "stay", label: "Staying", unit: "nats" },
        effect: "How much likelier than any other the state of the node before is beforehand.",
        ...{ least: -2, most: 6, step: 0.25, value: 1 },
      },
    ],
    model: () => chain(),
    course: async (model, data, s, ask) => {
      const states = s("states");
      const ends = splitEnds(data, states);
      const length = countOf(ends.query);
      const known = countOf(ends.key);
      const unary = closeness(ends.query, ends.key, s("precision"));
      const pairwise = Float32Array.from({ length: (length - 1) * known * known }, (_, at) =>
        (at % (known * known)) % (known + 1) === 0 ? s("stay") : 0,
      );
      const answer = await ask(model, ["marginals", "logPartition"], {
        unary: { data: unary, shape: [1, length, known] },
        pairwise: { data: pairwise, shape: [1, length - 1, known, known] },
      });
      const totals = { "log partition, nats": floats(answer["logPartition"])[0] as number };
      const frame = shares(ends, floats(answer["marginals"]));
      return { ...told(ends), frames: [frame], more: {}, totals };
    },
  },
  tree: {
    title: "Dependency tree",
    question: "Which node is the head of each one, where all edges make a tree?",
    paper: "Kim et al. (2017); Koo et al. (2007)",
    caption: "Rows add up to 1 with the probability that a node is a root.",
    fewest: 2,
    most: 300,
    controls: [
      precision(12),
      {
        ...{ name: "root", label: "Being a root", unit: "nats" },
        effect: "Higher: nodes are likelier to have no head, of several roots.",
        ...{ least: -8, most: 4, step: 0.25, value: -2 },
      },
      {
        ...{ name: "roots", label: "Roots", unit: "", choices: ["one", "many"] },
        effect: "Whether there is one tree, or a forest.",
        ...{ least: 0, most: 1, step: 1, value: 0 },
      },
    ],
    model: (s) => tree({ roots: s("roots") === 0 ? "one" : "many" }),
    course: async (model, data, s, ask) => {
      const nodes = data.key;
      const length = countOf(nodes);
      const answer = await ask(model, ["marginals", "rootMarginals", "logPartition"], {
        head: { data: closeness(nodes, nodes, s("precision")), shape: [1, length, length] },
        root: { data: new Float32Array(length).fill(s("root")), shape: [1, length] },
      });
      const roots = floats(answer["rootMarginals"]);
      const weights = transposed(floats(answer["marginals"]), length);
      const entropy = entropies(weights, length).map((nats, row) => {
        const share = roots[row] as number;
        return share > 0 ? nats - share * Math.log(share) : nats;
      });
      const frame: Frame = { receivers: nodes.places, senders: nodes.places, weights, entropy };
      const first = data.query === data.key ? 0 : countOf(data.query);
      const end: End = { labels: nodes.labels, nodes: nodes.labels.map((_, k) => first + k) };
      const totals = { "log partition, nats": floats(answer["logPartition"])[0] as number };
      const ends = { receivers: end, senders: end, isOneSet: true };
      return { ...ends, frames: [frame], more: { root: roots }, totals };
    },
  },
  matching: {
    title: "Matching",
    question: "Which square does each circle have for its own?",
    paper: "Sinkhorn & Knopp (1967); Mena et al. (2018)",
    caption: "As many circles as squares: rows add up to 1, and columns too.",
    fewest: 4,
    most: 1000,
    controls: [
      precision(12),
      {
        ...{ name: "method", label: "Method", unit: "", choices: ["sinkhorn", "exact"] },
        effect: "Rounds that make rows and columns add up to 1; or all matchings, up to 8 circles.",
        ...{ least: 0, most: 1, step: 1, value: 0 },
      },
      {
        ...{ name: "temperature", label: "Temperature", unit: "" },
        effect: "Lower: closer to the one best matching.",
        ...{ least: 0.1, most: 5, step: 0.1, value: 1 },
      },
    ],
    model: (s) =>
      matching({
        method: s("method") === 0 ? "sinkhorn" : "exact",
        temperature: s("temperature"),
      }),
    course: matched,
  },
} satisfies Readonly<Record<string, Mechanism>>;

async function matched(
  model: Model,
  data: Data,
  s: (name: string) => number,
  ask: Ask,
): Promise<Course> {
  const whole = splitEnds(data);
  const length = Math.min(countOf(whole.query), countOf(whole.key));
  const cut = (nodes: Nodes): Nodes => sliced(nodes, 0, length);
  const end = ({ labels, nodes }: End): End => ({
    labels: labels.slice(0, length),
    nodes: nodes.slice(0, length),
  });
  const ends = {
    ...{ query: cut(whole.query), key: cut(whole.key), value: cut(whole.value) },
    ...{ receivers: end(whole.receivers), senders: end(whole.senders), isOneSet: false },
  };
  const data_ = closeness(ends.query, ends.key, s("precision"));
  const inputs = { score: { data: data_, shape: [1, length, length] } };
  const { structure } = model as JointModel;
  if (structure.kind !== "perfectMatching" || structure.method === "exact") {
    const answer = await ask(model, ["marginals", "logPartition"], inputs);
    const totals = { "log partition, nats": floats(answer["logPartition"])[0] as number };
    const frame = shares(ends, floats(answer["marginals"]));
    return { ...told(ends), frames: [frame], more: {}, totals };
  }
  const frames: Frame[] = [];
  const misses: number[] = [];
  const followed = Math.min(rounds, structure.iterations);
  for (let round = 1; round <= followed; round++) {
    // The last step is the whole of it, however many rounds that takes.
    const isLast = round === followed;
    const stepped = {
      ...(model as JointModel),
      structure: isLast ? structure : { ...structure, iterations: round, tolerance: 0 },
    };
    const { marginals } = await ask(stepped, ["marginals"], inputs);
    const weights = floats(marginals);
    frames.push(shares(ends, weights));
    misses.push(miss(weights, length));
  }
  const values = Float32Array.from(misses);
  const curve = { title: "largest miss of a column or row", unit: "probability", values };
  return { ...told(ends), frames, step: "round", curve, more: {}, totals: {} };
}

/** How far the sum of a row or column is from 1, at most. */
function miss(weights: Float32Array, length: number): number {
  const sums = new Float64Array(2 * length);
  weights.forEach((share, at) => {
    const [row, column] = [Math.floor(at / length), length + (at % length)];
    sums[row] = (sums[row] as number) + share;
    sums[column] = (sums[column] as number) + share;
  });
  return sums.reduce((most, sum) => Math.max(most, Math.abs(sum - 1)), 0);
}
