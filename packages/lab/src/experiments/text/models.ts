/** The character model: a table, one layer of attention, a residual, a linear read-out. */
import {
  causal,
  type EdgeModel,
  expanding,
  geometric,
  type Inputs,
  multihop,
  normals,
  self,
  type Tensor,
  window,
} from "edgewise";
import {
  type Axis,
  add,
  at,
  axis,
  divide,
  exp,
  held,
  log,
  map,
  multiply,
  reduce,
  type Step,
  size,
  subtract,
  sum,
} from "edgewise/ir";
import type { Trainable } from "../../training/adam.ts";
import { network, part } from "../../training/network.ts";

interface Arm {
  readonly kind: "fixed prior" | "expanding" | "multihop";
  readonly declaration: EdgeModel;
  /** Nodes looked at where that is known beforehand, and how often; of expanding, it is counted. */
  readonly reach: number;
  readonly passes: number;
}

/** Prior probability that may stay outside a window, fixed or inferred. */
const tail = 0.01;

/** A look at so many nodes, the node itself among them. */
function within(reach: number, prior?: EdgeModel["prior"]): Arm {
  const isCausal = reach === Number.POSITIVE_INFINITY;
  const graph = isCausal ? causal() : window({ back: reach - 1, ahead: 0 });
  const declaration = self({ square: true, graph, ...(prior === undefined ? {} : { prior }) });
  return { kind: "fixed prior", declaration, reach, passes: 1 };
}

const decaying = (q: number): Arm =>
  within(Math.ceil(Math.log(tail) / Math.log(q)), geometric({ stop: 1 - q }));

const growing = (share: "query" | "group", beta: number): Arm => ({
  kind: "expanding",
  declaration: expanding({ alpha: 1, beta, share, tail }),
  ...{ reach: Number.NaN, passes: Number.NaN },
});

const everything = Number.POSITIVE_INFINITY;

export type ArmName =
  | "full"
  | `window ${4 | 16}`
  | `q = ${0.5 | 0.7 | 0.8 | 0.9}`
  | `per ${"query" | "group"}, (1, ${1 | 4})`
  | "multihop";

export const arms: Readonly<Record<ArmName, Arm>> = {
  full: within(everything),
  "window 4": within(4),
  "window 16": within(16),
  "q = 0.5": decaying(0.5),
  "q = 0.7": decaying(0.7),
  "q = 0.8": decaying(0.8),
  "q = 0.9": decaying(0.9),
  "per query, (1, 1)": growing("query", 1),
  "per query, (1, 4)": growing("query", 4),
  "per group, (1, 1)": growing("group", 1),
  "per group, (1, 4)": growing("group", 4),
  multihop: {
    kind: "multihop",
    declaration: multihop({ graph: causal() }),
    ...{ reach: everything, passes: 2 },
  },
};

export const armNames = Object.keys(arms) as ArmName[];

const [b, h, g, n, c, d, r, v] = [
  axis("b", "B"),
  axis("h", "H"),
  axis("g", "G"),
  axis("n", "N"),
  axis("c", "C"),
  axis("d", "D"),
  axis("r", "D"),
  axis("v", "V"),
];

const learned: Trainable["learned"] = {
  table: [c, d],
  query_weight: [h, r, d],
  key_weight: [g, r, d],
  value_weight: [g, v, d],
  readout: [c, v],
};

/** Characters as queries, keys or values of each head. */
const projection = (name: "query" | "key" | "value", head: Axis, to: Axis): Step =>
  map(
    name,
    [b, head, n, to],
    sum(d, multiply(at(`${name}_weight`, [head, to, d]), at("characters", [b, n, d]))),
  );

/**
 * Cross-entropy of the next character. Outputs: `loss`, its mean in nats, to train by; or `surprise`
 * [B, N], and of expanding what it looked at, to score by.
 */
export function textModel(name: ArmName, purpose: "train" | "score"): Trainable {
  const { declaration, kind } = arms[name];
  const attention = part(declaration, "attention");
  const reading = (of: string): string => attention.readings[of] as string;
  const logit = at("logit", [b, n, c]);
  const surprise = at("surprise", [b, n]);
  const program = network(
    `text, ${name}`,
    [
      map("characters", [b, n, d], sum(c, multiply(at("seen", [b, n, c]), at("table", [c, d])))),
      projection("query", h, r),
      projection("key", g, r),
      projection("value", g, v),
      attention,
      map(
        "hidden",
        [b, n, v],
        add(at("characters", [b, n, v]), sum(h, at(reading("expectation"), [b, h, n, v]))),
      ),
      map("logit", [b, n, c], sum(v, multiply(at("hidden", [b, n, v]), at("readout", [c, v])))),
      // log Σ exp from the greatest on, which as a constant changes no gradient.
      map("greatest", [b, n], reduce("greatest", c, logit)),
      map("weight", [b, n, c], exp(subtract(logit, held(at("greatest", [b, n]))))),
      map(
        "evidence",
        [b, n],
        add(log(sum(c, at("weight", [b, n, c]))), held(at("greatest", [b, n]))),
      ),
      map(
        "surprise",
        [b, n],
        subtract(at("evidence", [b, n]), sum(c, multiply(at("next", [b, n, c]), logit))),
      ),
      map("total", [b], sum(n, surprise)),
      map("loss", [], divide(sum(b, at("total", [b])), multiply(size("B"), size("N")))),
    ],
    [
      { name: "seen", shape: ["B", "N", "C"] },
      { name: "next", shape: ["B", "N", "C"] },
      ...Object.entries(learned).map(([name, axes]) => ({
        name,
        shape: axes.map(({ size: extent }) => extent),
      })),
    ],
    purpose === "train"
      ? { loss: "loss" }
      : {
          surprise: "surprise",
          ...(kind === "expanding"
            ? { window: reading("window"), operations: reading("operations") }
            : {}),
        },
  );
  return { program, learned };
}

/** Weights to begin with. */
export function initial(width: number, count: number, seed: number): Inputs {
  const normal = normals(31 * seed + 7);
  const extents: Readonly<Record<string, number>> = { C: count, D: width, V: width, H: 1, G: 1 };
  return Object.fromEntries(
    Object.entries(learned).map(([name, axes]) => {
      const shape = axes.map(({ size: extent }) => extents[extent] as number);
      const deviation = name === "table" ? 1 : 1 / Math.sqrt(width);
      const data = Float32Array.from(
        { length: shape.reduce((x, y) => x * y, 1) },
        () => deviation * normal(),
      );
      return [name, { data, shape } satisfies Tensor];
    }),
  );
}

/** Edges per character that a look of this reach has where nodes see themselves and the past. */
export function edgesOf(reach: number, passes: number, context: number): number {
  let edges = 0;
  for (let n = 1; n <= context; n++) edges += Math.min(n, reach);
  return (passes * edges) / context;
}
