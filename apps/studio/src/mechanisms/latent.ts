/** Mechanisms with a state that settles: each update is followed, with the free energy that falls. */
import {
  blockSlot,
  hopfield,
  type LatentModel,
  type Model,
  predictiveCoding,
  slot,
  type Tensor,
} from "edgewise";
import type { Point } from "../state/view.ts";
import { count, precision, updates } from "./controls.ts";
import type { Ask, Course, Data, End, Frame, Mechanism, Nodes } from "./mechanism.ts";
import { centres, countOf, entropies, floats, pointsOf, sliced, tensorOf } from "./nodes.ts";

/** Most updates that are followed. */
const mostUpdates = 40;

interface Following {
  readonly model: Model;
  readonly ask: Ask;
  /** Tensor that moves, and where it begins. */
  readonly state: string;
  readonly begin: Tensor;
  readonly fixed: Readonly<Record<string, Tensor>>;
  /** Reading of the posterior, and others that a frame needs. */
  readonly read: readonly string[];
  readonly frameOf: (
    answer: Readonly<Record<string, Tensor>>,
    state: Tensor,
    before: Frame | undefined,
  ) => Frame;
}

/** Updates one by one, each from where the last one left off. */
async function followed(following: Following): Promise<Pick<Course, "frames" | "step" | "curve">> {
  const { ask, state, begin, fixed, read, frameOf } = following;
  const model = following.model as LatentModel<string>;
  const one = { ...model, inference: { ...model.inference, maxIterations: 1, tolerance: 0 } };
  const frames: Frame[] = [];
  const energies: number[] = [];
  let at = begin;
  for (let update = 0; update <= Math.min(model.inference.maxIterations, mostUpdates); update++) {
    const answer = await ask(one, [state, ...read, "freeEnergy"], { ...fixed, [state]: at });
    frames.push(frameOf(answer, at, frames.at(-1)));
    energies.push(floats(answer["freeEnergy"])[0] as number);
    at = answer[state] as Tensor;
  }
  const curve = { title: "free energy", unit: "nats", values: Float32Array.from(energies) };
  return { frames, step: "update", curve };
}

/** Where a state is drawn: where it is, or amid what it explains. */
function placesOf(
  nodes: Nodes,
  state: Tensor,
  scale: number,
  amid: () => readonly Point[],
): readonly Point[] {
  return nodes.isPlane ? pointsOf(floats(state), scale) : amid();
}

/** Nodes with the last `last` of them apart; of files, the first queries apart from the keys. */
function apart(data: Data, last: number): { fixed: Nodes; moving: Nodes; ends: [End, End] } {
  const isPair = data.query !== data.key;
  const [fixed, moving] = isPair
    ? [data.key, sliced(data.query, 0, last)]
    : [sliced(data.query, 0, -last), sliced(data.query, -last)];
  const [firstFixed, firstMoving] = isPair ? [countOf(data.query), 0] : [0, countOf(fixed)];
  const end = ({ labels }: Nodes, first: number): End => ({
    labels,
    nodes: labels.map((_, k) => first + k),
  });
  return { fixed, moving, ends: [end(fixed, firstFixed), end(moving, firstMoving)] };
}

const sharpness = (value: number, effect: string) => ({
  ...{ name: "sharpness", label: "Sharpness", unit: "1 / feature", effect },
  ...{ least: 0.25, most: 12, step: 0.25, value },
});

/** Inputs compete for the last nodes, which move to what chose them. */
async function competition(
  model: Model,
  data: Data,
  slots: number,
  scale: number,
  ask: Ask,
): Promise<Course> {
  const { fixed, moving, ends } = apart(data, slots);
  const course = await followed({
    ...{
      model,
      ask,
      state: "slots",
      begin: tensorOf(moving, 1, scale),
      read: ["responsibilities"],
    },
    fixed: { inputs: tensorOf(fixed, 1, scale) },
    frameOf: (answer, state, before) => {
      const weights = floats(answer["responsibilities"]);
      const last = before?.senders ?? moving.places;
      return {
        receivers: fixed.places,
        senders: placesOf(moving, state, scale, () =>
          before === undefined ? last : centres(before.weights, fixed.places, last),
        ),
        ...{ weights, entropy: entropies(weights, slots) },
      };
    },
  });
  return { receivers: ends[0], senders: ends[1], isOneSet: false, ...course, more: {}, totals: {} };
}

export const latentMechanisms = {
  hopfield: {
    title: "Hopfield network",
    question: "Which memory does a state fall into?",
    paper: "Ramsauer et al. (2021)",
    caption: "The circle, the last node, is the state; squares are memories.",
    fewest: 3,
    controls: [precision(8), updates()],
    model: (s) =>
      hopfield({ precision: s("precision"), maxIterations: s("updates"), tolerance: 0 }),
    course: async (model, data, _, ask) => {
      const { fixed, moving, ends } = apart(data, 1);
      const course = await followed({
        ...{ model, ask, state: "state", begin: tensorOf(moving, 1), read: ["posterior"] },
        fixed: { patterns: tensorOf(fixed, 1) },
        frameOf: (answer, state, before) => {
          const weights = floats(answer["posterior"]);
          const amid = (): Point[] => {
            const shares = before?.weights ?? weights;
            const turned = fixed.places.map((_, k) => shares[k] as number);
            return centres(Float32Array.from(turned), fixed.places, moving.places);
          };
          return {
            receivers:
              before === undefined && !moving.isPlane
                ? moving.places
                : placesOf(moving, state, 1, amid),
            senders: fixed.places,
            ...{ weights, entropy: entropies(weights, countOf(fixed)) },
          };
        },
      });
      const [senders, receivers] = ends;
      const energy = course.curve && { ...course.curve, unit: "feature²" };
      const told = { receivers, senders, isOneSet: false, more: {}, totals: {} };
      return { ...told, ...course, ...(energy && { curve: energy }) };
    },
  },
  slot: {
    title: "Slot attention",
    question: "Which slot does each node choose?",
    paper: "Locatello et al. (2020)",
    caption: "Squares, the last nodes, are slots: they compete, and move to what chose them.",
    fewest: 3,
    controls: [
      count("slots", "Slots", 3, "How many compete."),
      sharpness(2.5, "Higher: nodes choose the nearest slot alone."),
      updates(),
    ],
    model: (s) =>
      slot({
        ...{ update: "mean", responsibilities: "distance" },
        ...{ maxIterations: s("updates"), tolerance: 0 },
      }),
    course: (model, data, s, ask) => competition(model, data, s("slots"), s("sharpness"), ask),
  },
  "block-slot": {
    title: "Block-slot attention",
    question: "Which slot does each node choose, and which prototype does each slot recall?",
    paper: "Singh et al. (2023), in the form of an energy",
    caption:
      "Squares are slots and prototypes, the last nodes; a slot is drawn amid what it explains.",
    fewest: 5,
    controls: [
      count("slots", "Slots", 3, "How many compete."),
      count("prototypes", "Prototypes", 3, "How many a slot may recall."),
      sharpness(1.5, "Higher: nodes choose one slot alone, slots one prototype."),
      updates(12),
    ],
    model: (s) => blockSlot({ maxIterations: s("updates"), tolerance: 0 }),
    course: async (model, data, s, ask) => {
      const [slots, prototypes, scale] = [s("slots"), s("prototypes"), s("sharpness")];
      const { fixed: rest, moving: memory, ends } = apart(data, prototypes);
      const inner = apart({ query: rest, key: rest, value: rest }, slots);
      const { fixed: inputs, moving } = inner;
      const count = countOf(inputs);
      const course = await followed({
        ...{ model, ask, state: "slots", begin: tensorOf(moving, 1, scale) },
        read: ["responsibilities", "prototypes"],
        fixed: { inputs: tensorOf(inputs, 1, scale), memory: tensorOf(memory, 1, scale) },
        frameOf: (answer, _, before) => {
          const competing = floats(answer["responsibilities"]);
          const recalled = floats(answer["prototypes"]);
          const last = before?.senders.slice(0, slots) ?? moving.places;
          const now =
            before === undefined ? last : amidBoth(before.weights, before, count, slots, last);
          return {
            receivers: [...inputs.places, ...now],
            senders: [...now, ...memory.places],
            ...joined(competing, recalled, count, slots, prototypes),
          };
        },
      });
      const own = inner.ends[1];
      const both = (one: End, other: End): End => ({
        labels: [...one.labels, ...other.labels],
        nodes: [...one.nodes, ...other.nodes],
      });
      const [receivers, senders] = [both(inner.ends[0], own), both(own, ends[1])];
      return { receivers, senders, isOneSet: false, ...course, more: {}, totals: {} };
    },
  },
  "predictive-coding": {
    title: "Predictive coding",
    question: "Which unit above predicts each node?",
    paper: "Singh & Buckley (2023)",
    caption:
      "Squares, the last nodes, are units of the layer above: they move down their free energy.",
    fewest: 3,
    controls: [
      count("units", "Units above", 3, "How many may predict."),
      precision(12),
      {
        ...{ name: "rate", label: "Rate", unit: "1 / precision" },
        effect: "How far units move down the gradient in a round.",
        ...{ least: 0.001, most: 0.1, step: 0.01, value: 0.01, isLog: true },
      },
      updates(24),
    ],
    model: (s) =>
      predictiveCoding({
        ...{ vectors: true, rate: s("rate"), maxIterations: s("updates"), tolerance: 0 },
      }),
    course: async (model, data, s, ask) => {
      const units = s("units");
      const { fixed, moving, ends } = apart(data, units);
      const [count, width] = [countOf(fixed), fixed.width];
      // Each unit predicts itself: what it stands for is where it is.
      const weight = new Float32Array(count * units * width * width);
      for (let at = 0; at < weight.length; at += width * width)
        for (let d = 0; d < width; d++) weight[at + d * width + d] = 1;
      const course = await followed({
        ...{ model, ask, state: "state.0", begin: tensorOf(moving, 1), read: ["posterior.0"] },
        fixed: {
          "state.1": tensorOf(fixed, 1),
          "precision.0": { data: new Float32Array(count).fill(s("precision")), shape: [count] },
          "weight.0": { data: weight, shape: [count, units, width, width] },
        },
        frameOf: (answer, state, before) => {
          const weights = floats(answer["posterior.0"]);
          const last = before?.senders ?? moving.places;
          return {
            receivers: fixed.places,
            senders: placesOf(moving, state, 1, () =>
              before === undefined ? last : centres(before.weights, fixed.places, last),
            ),
            ...{ weights, entropy: entropies(weights, units) },
          };
        },
      });
      const told = { receivers: ends[0], senders: ends[1], isOneSet: false };
      return { ...told, ...course, more: {}, totals: {} };
    },
  },
} satisfies Readonly<Record<string, Mechanism>>;

/** Inputs by slots and slots by prototypes as one matrix, [inputs + slots, slots + prototypes]. */
function joined(
  competing: Float32Array,
  recalled: Float32Array,
  inputs: number,
  slots: number,
  prototypes: number,
): Pick<Frame, "weights" | "entropy"> {
  const width = slots + prototypes;
  const weights = new Float32Array((inputs + slots) * width);
  for (let row = 0; row < inputs; row++)
    weights.set(competing.subarray(row * slots, (row + 1) * slots), row * width);
  for (let row = 0; row < slots; row++)
    weights.set(
      recalled.subarray(row * prototypes, (row + 1) * prototypes),
      (inputs + row) * width + slots,
    );
  return { weights, entropy: entropies(weights, width) };
}

/** Where slots are drawn: amid inputs that chose them and prototypes that they recall. */
function amidBoth(
  weights: Float32Array,
  { receivers, senders }: Frame,
  inputs: number,
  slots: number,
  before: readonly Point[],
): Point[] {
  const width = senders.length;
  return Array.from({ length: slots }, (_, slot): Point => {
    const pulls = [
      ...receivers.slice(0, inputs).map((at, row) => [at, weights[row * width + slot]] as const),
      ...senders
        .slice(slots)
        .map((at, k) => [at, weights[(inputs + slot) * width + slots + k]] as const),
    ];
    const shares = Float32Array.from(pulls, ([, weight]) => weight as number);
    return centres(
      shares,
      pulls.map(([at]) => at),
      [before[slot] as Point],
    )[0] as Point;
  });
}
