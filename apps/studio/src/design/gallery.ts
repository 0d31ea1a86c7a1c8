/** Starting points: every mechanism of the papers, and some that no paper names. */
import {
  binary,
  draw,
  type EdgeModelOptions,
  expression,
  gaussian,
  scored,
  self,
  window,
  withoutSelf,
} from "edgewise";
import { mechanisms } from "../mechanisms/index.ts";
import { type Declaration, documentOf } from "./declaration.ts";

/** A starting point, and what it is about. */
export interface Example {
  readonly title: string;
  readonly note: string;
  readonly declaration: Declaration;
}

export interface Group {
  readonly title: string;
  readonly examples: readonly Example[];
}

/** Every mechanism, with its sliders where they begin. */
const named: readonly Example[] = Object.entries(mechanisms).map(
  ([base, { title, question, controls, model }]) => {
    const usual = (name: string): number => controls.find((own) => own.name === name)?.value ?? 0;
    return { title, note: question, declaration: { base, document: documentOf(model(usual)) } };
  },
);

const near = (precision = 8) => gaussian({ precision, normalised: false });

const own = (name: string, note: string, options: EdgeModelOptions): Example => ({
  title: name,
  note,
  declaration: {
    base: "self",
    document: documentOf(self({ name, potential: near(), ...options })),
  },
});

const unnamed: readonly Example[] = [
  own("Comb", "Only nodes whose distance in order is a multiple of three.", {
    prior: expression("where(mod(abs(i - j), 3) == 0, 0, forbidden)"),
  }),
  own("Past counts double", "An edge to an earlier node is twice as likely beforehand.", {
    prior: expression("where(j < i, log(2), 0)"),
  }),
  own("Neighbours are boring", "Likelier with distance in order, up to four nodes away.", {
    ...{ graph: withoutSelf(), prior: expression("min(abs(i - j), 4) / 2") },
  }),
  own("Only who is unlike", "The score turned around: what differs attracts.", {
    ...{ graph: withoutSelf(), potential: scored("-score", near(2)) },
  }),
  own("Landmarks", "Three nodes are seen by all, the others by their neighbours alone.", {
    prior: expression("where(j < 3 || abs(i - j) <= 1, 0, forbidden)"),
  }),
  own("Switches in a window", "Each near edge is on or off by itself: none, one or several.", {
    ...{ graph: window({ back: 3, ahead: 3 }), choice: binary(), prior: expression("1") },
  }),
  own("Three nearest others", "The three likeliest of the other nodes share what there is.", {
    ...{ graph: withoutSelf(), inference: draw({ choose: "top", count: 3 }) },
  }),
  own("Goldilocks", "Neither too near nor too far: a ring around every node attracts.", {
    ...{
      graph: withoutSelf(),
      potential: scored("-20 * abs(sqrt(max(-score, 0)) - 0.6)", near(2)),
    },
  }),
];

export const gallery: readonly Group[] = [
  { title: "From the papers", examples: named },
  { title: "That no paper names", examples: unnamed },
];

const byDocument = new Map(
  gallery
    .flatMap(({ examples }) => examples)
    .map((example) => [JSON.stringify(example.declaration.document), example]),
);

/** The starting point that a declaration still is; nothing for one that was changed. */
export const exampleOf = ({ document }: Declaration): Example | undefined =>
  byDocument.get(JSON.stringify(document));
