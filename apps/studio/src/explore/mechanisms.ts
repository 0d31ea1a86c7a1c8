/** Mechanisms that points in the plane can be looked at through, and what their sliders declare. */
import {
  causal,
  cross,
  distanceDecay,
  type EdgeModel,
  expanding,
  gaussian,
  hopfield,
  hops,
  type LatentModel,
  multihop,
  probabilistic,
  relative,
  scaledDot,
  self,
  slot,
  window,
} from "edgewise";

/** A slider: something that is declared, its unit, and what it does, in one line. */
export interface Control {
  readonly name: string;
  readonly label: string;
  readonly unit: string;
  readonly effect: string;
  readonly least: number;
  readonly most: number;
  readonly step: number;
  readonly value: number;
}

export type Settings = (name: string) => number;

/** What stands in the plane beside the points. */
export type Kind = "nodes" | "halves" | "state" | "slots";

export interface Mechanism {
  readonly title: string;
  /** The question that the posterior answers. */
  readonly question: string;
  readonly paper: string;
  /**
   * Whose edges they are: every point's to every point, the first half's to the second, one state's
   * to all points, or all points' to slots.
   */
  readonly kind: Kind;
  readonly controls: readonly Control[];
  readonly model: (settings: Settings) => EdgeModel | LatentModel<string>;
  /** Readings beside those of every model. */
  readonly read?: readonly string[];
}

const precision = (value: number, effect: string): Control => ({
  ...{ name: "precision", label: "Precision", unit: "1 / distance²", effect },
  ...{ least: 0.1, most: 60, step: 0.1, value },
});
const temperature: Control = {
  ...{ name: "temperature", label: "Temperature", unit: "1" },
  effect: "Higher: flatter posteriors. Lower: one edge takes all.",
  ...{ least: 0.1, most: 5, step: 0.1, value: 1 },
};
const updates: Control = {
  ...{ name: "updates", label: "Updates", unit: "rounds", effect: "How long it iterates." },
  ...{ least: 1, most: 40, step: 1, value: 16 },
};

const near = (settings: Settings) =>
  gaussian({ precision: settings("precision"), normalised: false });

export const mechanisms: Readonly<Record<string, Mechanism>> = {
  self: {
    title: "Self attention",
    question: "Which node does each node attend to?",
    paper: "Singh & Buckley (2023); Vaswani et al. (2017)",
    kind: "nodes",
    controls: [precision(8, "Higher: only the nearest nodes are likely."), temperature],
    model: (s) => self({ potential: near(s), temperature: s("temperature") }),
  },
  causal: {
    title: "Causal self attention",
    question: "Which node that came before? Nodes are numbered.",
    paper: "Singh & Buckley (2023)",
    kind: "nodes",
    controls: [precision(8, "Higher: only the nearest nodes are likely."), temperature],
    model: (s) => self({ graph: causal(), potential: near(s), temperature: s("temperature") }),
  },
  cross: {
    title: "Cross attention",
    question: "Which node of the second half does each one of the first attend to?",
    paper: "Singh & Buckley (2023)",
    kind: "halves",
    controls: [precision(8, "Higher: only the nearest nodes are likely."), temperature],
    model: (s) => cross({ potential: near(s), temperature: s("temperature") }),
  },
  graph: {
    title: "Window",
    question: "Which of the nodes numbered close to it? Other edges do not exist.",
    paper: "Singh & Buckley (2023), sparse attention",
    kind: "nodes",
    controls: [
      {
        ...{ name: "reach", label: "Reach", unit: "nodes", effect: "How far an edge may go." },
        ...{ least: 0, most: 20, step: 1, value: 2 },
      },
      precision(4, "Higher: only the nearest nodes are likely."),
    ],
    model: (s) =>
      self({ graph: window({ back: s("reach"), ahead: s("reach") }), potential: near(s) }),
  },
  relative: {
    title: "Distance prior",
    question: "Which node, where near ones in order are likelier beforehand?",
    paper: "Press et al. (2022), ALiBi",
    kind: "nodes",
    controls: [
      {
        ...{ name: "slope", label: "Slope", unit: "nats a step" },
        effect: "What one step of distance in order costs beforehand.",
        ...{ least: 0, most: 3, step: 0.05, value: 0.5 },
      },
      precision(4, "Higher: only the nearest nodes are likely."),
    ],
    model: (s) => relative({ prior: distanceDecay({ slope: s("slope") }), potential: near(s) }),
  },
  multihop: {
    title: "Multihop attention",
    question: "Where does a walk of some steps lead?",
    paper: "Singh & Buckley (2023)",
    kind: "nodes",
    controls: [
      {
        ...{ name: "hops", label: "Hops", unit: "steps", effect: "How far values travel." },
        ...{ least: 1, most: 8, step: 1, value: 2 },
      },
      precision(12, "Higher: only the nearest nodes are likely."),
    ],
    model: (s) =>
      multihop({
        value: hops({ weights: Array.from({ length: s("hops") }, () => 1 / s("hops")) }),
        potential: near(s),
      }),
  },
  expanding: {
    title: "Expanding attention",
    question: "How far back is it worth while to look?",
    paper: "Singh & Buckley (2023)",
    kind: "nodes",
    read: ["window", "continuation"],
    controls: [
      {
        ...{ name: "beta", label: "Continuations beforehand", unit: "counts" },
        effect: "Higher: every node believes that it has to look farther back.",
        ...{ least: 0.5, most: 40, step: 0.5, value: 4 },
      },
      {
        ...{ name: "scale", label: "Sharpness", unit: "1 / product" },
        effect: "Higher: scores, inner products here, count for more.",
        ...{ least: 0, most: 20, step: 0.5, value: 4 },
      },
    ],
    model: (s) =>
      expanding({ alpha: 1, beta: s("beta"), potential: scaledDot({ scale: s("scale") }) }),
  },
  probabilistic: {
    title: "Adapting keys",
    question: "Which unit explains each node, when units move to what they explain?",
    paper: "Gabbur, Bilkhu & Movellan (2021)",
    kind: "halves",
    read: ["key"],
    controls: [
      precision(12, "Higher: a unit explains only what is near it."),
      {
        ...{ name: "rounds", label: "Updates of keys", unit: "rounds" },
        effect: "How often units move to the nodes that they explain.",
        ...{ least: 0, most: 20, step: 1, value: 3 },
      },
      {
        ...{ name: "anchor", label: "Key prior", unit: "1 / distance²" },
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
  },
  hopfield: {
    title: "Hopfield network",
    question: "Which memory does a state fall into? The last point is the state.",
    paper: "Ramsauer et al. (2021)",
    kind: "state",
    controls: [precision(8, "Higher: one memory. Lower: the mean of several."), updates],
    model: (s) => hopfield({ precision: s("precision"), maxIterations: 1, tolerance: 0 }),
  },
  slot: {
    title: "Slot attention",
    question: "Which slot does each point choose? The last points are slots.",
    paper: "Locatello et al. (2020)",
    kind: "slots",
    controls: [
      {
        ...{ name: "slots", label: "Slots", unit: "nodes", effect: "How many compete." },
        ...{ least: 2, most: 6, step: 1, value: 3 },
      },
      {
        ...{ name: "sharpness", label: "Sharpness", unit: "1 / distance" },
        effect: "Higher: points choose the nearest slot alone.",
        ...{ least: 1, most: 12, step: 0.5, value: 2.5 },
      },
      updates,
    ],
    model: () =>
      slot({ update: "mean", responsibilities: "distance", maxIterations: 1, tolerance: 0 }),
  },
};

export function mechanismOf(name: string): Mechanism {
  const found = mechanisms[name];
  if (found === undefined) throw new RangeError(`no mechanism ${name}`);
  return found;
}
