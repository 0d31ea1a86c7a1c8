/** Edge models that are followed step by step: keys that move, windows that grow, draws that add up. */
import {
  type EdgeModel,
  exact,
  expanding,
  hard,
  type Inference,
  type Model,
  motif,
  probabilistic,
  scaledDot,
} from "edgewise";
import { attention, shares, tensorsOf, told } from "./attention.ts";
import { potential, precision, scored } from "./controls.ts";
import type { Ask, Course, Frame, Mechanism } from "./mechanism.ts";
import { centres, countOf, floats, pointsOf, splitEnds, wholeEnds } from "./nodes.ts";

/** Most steps that are followed: each is a program of its own. */
const mostSteps = 40;

/** Steps in which a window is seen to grow, to where the mass outside is what is declared. */
const growth = 10;

/** The same edges, inferred otherwise. */
const otherwise = (model: Model, inference: Inference): EdgeModel => ({
  ...(model as EdgeModel),
  inference,
});

export const iteratedMechanisms = {
  expanding: {
    title: "Expanding attention",
    question: "How far back is it worth while to look?",
    paper: "Singh & Buckley (2023)",
    caption:
      "Order counts: nodes look at those before them. On the time line windows grow, while ever less mass may stay outside.",
    fewest: 2,
    controls: [
      {
        ...{ name: "beta", label: "Continuations beforehand", unit: "counts" },
        effect: "Higher: every node believes that it has to look farther back.",
        ...{ least: 0.5, most: 40, step: 0.5, value: 4 },
      },
      {
        ...{ name: "alpha", label: "Stops beforehand", unit: "counts" },
        effect: "Higher: every node believes that it may stop sooner.",
        ...{ least: 0.5, most: 10, step: 0.5, value: 1 },
      },
      {
        ...{ name: "tail", label: "Mass outside", unit: "probability" },
        effect: "How much prior mass may stay outside the window.",
        ...{ least: 0.001, most: 0.5, step: 0.01, value: 0.1, isLog: true },
      },
      { ...precision(4), label: "Scale", effect: "Higher: inner products count for more." },
    ],
    model: (s) =>
      expanding({
        ...{ alpha: s("alpha"), beta: s("beta"), tail: s("tail") },
        potential: scaledDot({ scale: s("precision") }),
      }),
    course: async (model, data, _, ask): Promise<Course> => {
      const ends = wholeEnds(data);
      const { inference } = model as EdgeModel;
      if (inference.kind !== "expand") return await attention()(model, data, _, ask);
      const read = ["posterior", "entropy", "logEvidence", "window", "continuation"];
      const frames: Frame[] = [];
      const windows: number[] = [];
      let last: Awaited<ReturnType<Ask>> = {};
      for (let step = 1; step <= growth; step++) {
        // The less mass may stay outside, the larger the window.
        const tail = step === growth ? inference.tail : inference.tail ** (step / growth);
        last = await ask(otherwise(model, { ...inference, tail }), read, tensorsOf(ends));
        frames.push({
          ...{ receivers: ends.query.places, senders: ends.key.places },
          ...{ weights: floats(last["posterior"]), entropy: floats(last["entropy"]) },
          logEvidence: floats(last["logEvidence"]),
        });
        windows.push(mean(floats(last["window"])));
      }
      const curve = { title: "window, mean", unit: "keys", values: Float32Array.from(windows) };
      const more = {
        "window, keys": floats(last["window"]),
        continuation: floats(last["continuation"]),
      };
      return { ...told(ends), frames, step: "growth", curve, more, totals: {} };
    },
  },
  probabilistic: {
    title: "Probabilistic attention",
    question: "Which unit explains each node, when units move to what they explain?",
    paper: "Gabbur, Bilkhu & Movellan (2021)",
    caption: "Squares are units of a mixture, whose keys drift to the circles that they explain.",
    fewest: 2,
    controls: [
      precision(12),
      {
        ...{ name: "rounds", label: "Updates of keys", unit: "rounds" },
        effect: "How often units move to the nodes that they explain.",
        ...{ least: 0, most: 20, step: 1, value: 8 },
      },
      {
        ...{ name: "anchor", label: "Key prior", unit: "1 / feature²" },
        effect: "Higher: units stay where they were put.",
        ...{ least: 0, most: 40, step: 0.5, value: 2 },
      },
    ],
    model: (s) =>
      probabilistic({
        queryPrecision: s("precision"),
        keyIterations: s("rounds"),
        keyPriorPrecision: s("anchor"),
      }),
    course: async (model, data, _, ask): Promise<Course> => {
      const ends = splitEnds(data);
      const { inference } = model as EdgeModel;
      const read = ["responsibilities", "entropy", "logEvidence", "key"];
      const rounds = inference.kind === "em" ? Math.min(inference.keyIterations, mostSteps) : 0;
      const frames: Frame[] = [];
      const likelihoods: number[] = [];
      for (let round = 0; round <= rounds; round++) {
        const stepped =
          inference.kind === "em"
            ? otherwise(model, { ...inference, keyIterations: round })
            : (model as EdgeModel);
        const answer = await ask(stepped, read, tensorsOf(ends));
        const weights = floats(answer["responsibilities"]);
        const before = frames.at(-1)?.senders ?? ends.key.places;
        frames.push({
          receivers: ends.query.places,
          senders: ends.key.isPlane
            ? pointsOf(floats(answer["key"]))
            : round === 0
              ? before
              : centres(weights, ends.query.places, before),
          weights,
          entropy: floats(answer["entropy"]),
          logEvidence: floats(answer["logEvidence"]),
        });
        likelihoods.push(floats(answer["logEvidence"]).reduce((sum, nats) => sum + nats, 0));
      }
      const values = Float32Array.from(likelihoods);
      const curve = { title: "log likelihood", unit: "nats", values };
      return { ...told(ends), frames, step: "update", curve, more: {}, totals: {} };
    },
  },
  hard: {
    title: "Hard attention",
    question: "Which edge is drawn, and what do draws come to on average?",
    paper: "Singh & Buckley (2023)",
    fewest: 2,
    controls: [
      {
        ...{ name: "choose", label: "Edges", unit: "", choices: ["draws", "most probable"] },
        effect: "Draws from the posterior, averaged one by one; or the most probable edges alone.",
        ...{ least: 0, most: 1, step: 1, value: 0 },
      },
      {
        ...{ name: "count", label: "How many", unit: "edges" },
        effect: "More draws come closer to soft attention, as one over the root of how many.",
        ...{ least: 1, most: 40, step: 1, value: 16 },
      },
      {
        ...{ name: "seed", label: "Seed", unit: "", effect: "The same seed draws the same edges." },
        ...{ least: 1, most: 99, step: 1, value: 1 },
      },
      precision(8),
      potential(),
    ],
    model: (s) =>
      hard({
        choose: s("choose") === 0 ? "samples" : "top",
        count: s("count"),
        potential: scored(s),
      }),
    course: async (model, data, settings, ask): Promise<Course> => {
      const ends = wholeEnds(data);
      const width = countOf(ends.key);
      const { inference } = model as EdgeModel;
      const soft = await ask(otherwise(model, exact()), ["posterior"], tensorsOf(ends));
      const posterior = floats(soft["posterior"]);
      if (inference.kind !== "draw")
        return { ...told(ends), frames: [shares(ends, posterior)], more: {}, totals: {} };
      const asked = { ...(inference.choose === "samples" && { seed: settings("seed") }) };
      const { choice } = await ask(model, ["choice"], tensorsOf(ends), asked);
      const chosen = floats(choice);
      const each = chosen.length / countOf(ends.query);
      const isDrawn = inference.choose === "samples";
      const weights = new Float32Array(posterior.length);
      const frames: Frame[] = [];
      for (let draw = 0; draw < each; draw++) {
        for (let row = 0; row * each < chosen.length; row++) {
          const sender = chosen[row * each + draw] as number;
          const at = row * width + sender;
          if (sender >= 0)
            weights[at] = isDrawn ? (weights[at] as number) + 1 : (posterior[at] as number);
        }
        if (isDrawn || draw === each - 1) frames.push(shares(ends, normalised(weights, width)));
      }
      const curve = {
        title: "distance from soft attention",
        unit: "total variation",
        values: Float32Array.from(frames, (frame) => variation(frame.weights, posterior, width)),
      };
      return { ...told(ends), frames, step: "draw", curve, more: {}, totals: {} };
    },
  },
  motif: {
    title: "Mixture of graphs",
    question: "Which of three graphs holds for all nodes, and which edge on it?",
    paper: "Singh & Buckley (2023), future work",
    caption: "The three: neighbours in order; every second node; every node but itself.",
    fewest: 3,
    most: 1000,
    controls: [precision(8), potential()],
    model: (s) => motif({ potential: scored(s) }),
    course: async (model, data, _, ask): Promise<Course> => {
      const ends = wholeEnds(data);
      const [rows, columns] = [countOf(ends.query), countOf(ends.key)];
      const kinds: ((i: number, j: number) => boolean)[] = [
        (i, j) => Math.abs(i - j) <= 1,
        (i, j) => Math.abs(i - j) % 2 === 0,
        (i, j) => i !== j,
      ];
      const support = Float32Array.from({ length: 3 * rows * columns }, (_, at) => {
        const [i, j] = [Math.floor(at / columns) % rows, at % columns];
        return kinds[Math.floor(at / (rows * columns))]?.(i, j) ? 1 : 0;
      });
      const answer = await ask(model, ["posterior", "motif", "logPartition"], {
        ...tensorsOf(ends),
        support: { data: support, shape: [3, rows, columns] },
      });
      const which = floats(answer["motif"]);
      const totals = {
        "neighbours in order, posterior": which[0] as number,
        "every second node, posterior": which[1] as number,
        "every node but itself, posterior": which[2] as number,
        "log evidence, nats": floats(answer["logPartition"])[0] as number,
      };
      const frame = shares(ends, floats(answer["posterior"]));
      return { ...told(ends), frames: [frame], more: {}, totals };
    },
  },
} satisfies Readonly<Record<string, Mechanism>>;

const mean = (values: Float32Array): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** Rows that add up to 1; rows of nothing stay so. */
function normalised(weights: Float32Array, width: number): Float32Array {
  const rows = weights.slice();
  for (let from = 0; from < rows.length; from += width) {
    const row = rows.subarray(from, from + width);
    const total = row.reduce((sum, weight) => sum + weight, 0);
    if (total > 0) row.set(row.map((weight) => weight / total));
  }
  return rows;
}

/** Half the sum of differences of two rows of shares, mean over rows. */
function variation(a: Float32Array, b: Float32Array, width: number): number {
  const total = a.reduce((sum, share, k) => sum + Math.abs(share - (b[k] as number)), 0);
  return total / 2 / (a.length / width);
}
