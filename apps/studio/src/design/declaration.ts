/** A mechanism in its words, as the page edits it, and what it is in the library and in TypeScript. */
import {
  carried,
  causal,
  complete,
  type EdgeModel,
  edgeModel,
  expression,
  type Graph,
  gaussian,
  hops,
  intersection,
  type Potential,
  resolvent,
  scaledDot,
  scored,
  type Value,
  window,
  withoutSelf,
} from "edgewise";

export const graphs = [
  "complete",
  "causal",
  "causal, without self-edges",
  "without self-edges",
  "window",
] as const;
export const potentials = ["inner product", "distance"] as const;
export const values = ["carried", "two hops", "any number of hops"] as const;

export interface Declaration {
  readonly graph: (typeof graphs)[number];
  /** Nodes that a window reaches to either side. */
  readonly reach: number;
  /** Unnormalised log prior of an edge, a text. */
  readonly prior: string;
  readonly potential: (typeof potentials)[number];
  /** Scale of inner products, or precision of distances. */
  readonly scale: number;
  /** The potential as a text of `score`; nothing for the score itself. */
  readonly score: string;
  readonly value: (typeof values)[number];
  readonly temperature: number;
}

export const plain: Declaration = {
  ...{ graph: "complete", reach: 2, prior: "0", potential: "distance", scale: 8, score: "" },
  ...{ value: "carried", temperature: 1 },
};

/** A starting point, and what it is about. */
export interface Example {
  readonly title: string;
  readonly note: string;
  readonly declaration: Declaration;
}

const example = (title: string, note: string, part: Partial<Declaration>): Example => ({
  ...{ title, note },
  declaration: { ...plain, ...part },
});

export const gallery: readonly Example[] = [
  example("Self attention", "Every node may attend to every node, all as likely beforehand.", {}),
  example("Causal attention", "Only nodes that came before, and itself.", { graph: "causal" }),
  example("ALiBi", "What lies far back in order is less likely beforehand.", {
    ...{ graph: "causal", prior: "-0.5 * (i - j)" },
  }),
  example("Sliding window", "Edges farther than two nodes do not exist.", { graph: "window" }),
  example("Multihop", "Values arrive by one step or by two.", {
    ...{ graph: "without self-edges", value: "two hops" },
  }),
  example("Scores with a cap", "No edge may be worth more than two nats.", {
    ...{ score: "2 * tanh(score / 2)" },
  }),
  example("Every third node", "A comb: only nodes whose distance is a multiple of three.", {
    prior: "where(mod(abs(i - j), 3) == 0, 0, forbidden)",
  }),
  example("The past counts double", "An edge to an earlier node is twice as likely beforehand.", {
    prior: "where(j < i, log(2), 0)",
  }),
  example("Neighbours are boring", "The prior grows with distance in order, and then stays.", {
    ...{ graph: "without self-edges", prior: "min(abs(i - j), 4) / 2" },
  }),
  example("Only who is unlike", "The score turned around: what differs attracts.", {
    ...{ graph: "without self-edges", score: "-score", scale: 2 },
  }),
  example("Landmarks", "Three nodes may be seen by all, the others by their neighbours alone.", {
    prior: "where(j < 3 || abs(i - j) <= 1, 0, forbidden)",
  }),
];

/** @throws EdgewiseError where a text cannot be read, or a number will not do */
export function modelOf(declaration: Declaration): EdgeModel {
  const { graph, reach, prior, score, value, temperature } = declaration;
  return edgeModel({
    name: "designed",
    graph: graphOf(graph, reach),
    prior: expression(prior),
    potential: potentialOf(declaration, score),
    value: worthOf(value),
    temperature,
    square: true,
  });
}

function graphOf(graph: Declaration["graph"], reach: number): Graph {
  const made: Record<Declaration["graph"], () => Graph> = {
    complete,
    causal,
    "causal, without self-edges": () => intersection(causal(), withoutSelf()),
    "without self-edges": withoutSelf,
    window: () => window({ back: reach, ahead: reach }),
  };
  return made[graph]();
}

function potentialOf({ potential, scale }: Declaration, score: string): Potential {
  const own =
    potential === "inner product"
      ? scaledDot({ scale })
      : gaussian({ precision: scale, normalised: false });
  return score.trim() === "" ? own : scored(score, own);
}

function worthOf(value: Declaration["value"]): Value {
  if (value === "two hops") return hops({ weights: [0.5, 0.5] });
  return value === "carried" ? carried() : resolvent({ continuation: 0.8 });
}

/** The same as code that can be pasted. */
export function typescriptOf(declaration: Declaration): string {
  const { graph, reach, prior, potential, scale, score, value, temperature } = declaration;
  const graphText: Record<Declaration["graph"], string> = {
    complete: "complete()",
    causal: "causal()",
    "causal, without self-edges": "intersection(causal(), withoutSelf())",
    "without self-edges": "withoutSelf()",
    window: `window({ back: ${reach}, ahead: ${reach} })`,
  };
  const own =
    potential === "inner product"
      ? `scaledDot({ scale: ${scale} })`
      : `gaussian({ precision: ${scale}, normalised: false })`;
  const potentialText = score.trim() === "" ? own : `scored(${JSON.stringify(score)}, ${own})`;
  const valueText: Record<Declaration["value"], string> = {
    carried: "carried()",
    "two hops": "hops({ weights: [0.5, 0.5] })",
    "any number of hops": "resolvent({ continuation: 0.8 })",
  };
  const lines = [
    `  name: "designed",`,
    `  graph: ${graphText[graph]},`,
    `  prior: expression(${JSON.stringify(prior)}),`,
    `  potential: ${potentialText},`,
    `  value: ${valueText[value]},`,
    `  temperature: ${temperature},`,
    "  square: true,",
  ];
  const body = lines.join("\n");
  const words = [
    ...["carried", "causal", "complete", "edgeModel", "expression", "gaussian", "hops"],
    ...["intersection", "resolvent", "scaledDot", "scored", "window", "withoutSelf"],
  ].filter((word) => word === "edgeModel" || body.includes(`${word}(`));
  return `import { ${[...words, "posteriorExpectation"].join(", ")} } from "edgewise";

const model = edgeModel({
${body}
});

// query, key and value: { data, shape: [batch, heads, nodes, features] }
const { expectation } = await posteriorExpectation(model, { query, key, value });
`;
}

/** A declaration from what a stranger's link says; the plain one where it says none. */
export function declarationFrom(given: unknown): Declaration {
  if (typeof given !== "object" || given === null) return plain;
  const found = given as Record<keyof Declaration, unknown>;
  const oneOf = <Word extends string>(words: readonly Word[], value: unknown, usual: Word): Word =>
    words.find((word) => word === value) ?? usual;
  const text = (value: unknown, usual: string): string =>
    typeof value === "string" && value.length <= 500 ? value : usual;
  const number = (value: unknown, least: number, most: number, usual: number): number =>
    typeof value === "number" && Number.isFinite(value)
      ? Math.min(most, Math.max(least, value))
      : usual;
  return {
    graph: oneOf(graphs, found.graph, plain.graph),
    reach: Math.round(number(found.reach, 0, 100, plain.reach)),
    prior: text(found.prior, plain.prior),
    potential: oneOf(potentials, found.potential, plain.potential),
    scale: number(found.scale, 0, 100, plain.scale),
    score: text(found.score, plain.score),
    value: oneOf(values, found.value, plain.value),
    temperature: number(found.temperature, 0.05, 10, plain.temperature),
  };
}
