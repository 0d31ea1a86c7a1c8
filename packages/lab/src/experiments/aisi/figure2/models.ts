/** The models of Figure 2: attention at the last node, and a linear read-out of it. */
import { multihop, projected, self, withoutSelf } from "edgewise";
import {
  type Axis,
  add,
  at,
  axis,
  divide,
  type Expr,
  index,
  load,
  map,
  multiply,
  number,
  type Step,
  size,
  subtract,
  sum,
} from "edgewise/ir";
import type { Trainable } from "../../../training/adam.ts";
import { network, type Part, part } from "../../../training/network.ts";

export const arms = ["self", "two heads", "multihop", "two values", "two layers"] as const;
export type Arm = (typeof arms)[number];

const [b, n, k, d, r] = [
  axis("b", "B"),
  axis("n", "N"),
  axis("k", "N"),
  axis("d", "D"),
  axis("r", "D"),
];
const square: readonly Axis[] = [axis("r", "D"), axis("d", "D")];
const last = subtract(size("N"), number(1));

/** Mean over heads of Σ readout · expectation at the last node, and its squared error. */
interface Body {
  readonly parts: readonly (Part | Step)[];
  readonly predicted: Expr;
  /** Weight of the last node on each node. */
  readonly weight: Expr;
  readonly learned: Readonly<Record<string, readonly Axis[]>>;
}

/** A model with its loss; outputs are `loss`, `error` [B] and `weight` [B, N]. */
export function figure2Model(arm: Arm): Trainable {
  const { parts, predicted, weight, learned } = bodies[arm]();
  const error = at("error", [b]);
  const program = network(
    `figure 2, ${arm}`,
    [
      ...parts,
      map("error", [b], subtract(predicted, at("target", [b]))),
      map("loss", [], divide(sum(b, multiply(error, error)), size("B"))),
      map("weight", [b, n], weight),
    ],
    [
      { name: "nodes", shape: ["B", "N", "D"] },
      { name: "target", shape: ["B"] },
      ...Object.entries(learned).map(([name, axes]) => ({
        name,
        shape: axes.map(({ size: extent }) => extent),
      })),
    ],
    { loss: "loss", error: "error", weight: "weight" },
  );
  return { program, learned };
}

/** Numbers that are learned. */
export const countOf = ({ learned }: Trainable, width: number): number =>
  Object.values(learned).reduce((total, axes) => total + width ** axes.length, 0);

const bodies: Readonly<Record<Arm, () => Body>> = {
  self: () => {
    const one = attention("", "nodes");
    return {
      parts: [one],
      predicted: readOut("readout", one, "expectation"),
      weight: row(one),
      learned: learnedBy("", ["readout"]),
    };
  },
  "two heads": () => {
    const [one, two] = [attention(".0", "nodes"), attention(".1", "nodes")];
    return {
      parts: [one, two],
      predicted: add(
        readOut("readout.0", one, "expectation"),
        readOut("readout.1", two, "expectation"),
      ),
      weight: divide(add(row(one), row(two)), number(2)),
      learned: { ...learnedBy(".0", ["readout.0"]), ...learnedBy(".1", ["readout.1"]) },
    };
  },
  multihop: () => {
    const hop = attention("", "nodes");
    const both = part(twoHops("", "nodes"), "hops");
    return {
      parts: [hop, both],
      predicted: readOut("readout", both, "expectation"),
      weight: add(row(hop), secondRow(hop)),
      learned: learnedBy("", ["readout"]),
    };
  },
  "two values": () => {
    const hop = attention("", "nodes");
    // P (P X): what the nodes expect is the value of a second hop.
    const second = map(
      "second",
      [b, n, d],
      sum(k, multiply(posterior(hop, n, k), expected(hop, k))),
    );
    const last = sum(
      d,
      multiply(at("readout.1", [d]), load("second", [index(b), lastNode, index(d)])),
    );
    return {
      parts: [hop, second],
      predicted: add(readOut("readout.0", hop, "expectation"), last),
      weight: add(row(hop), secondRow(hop)),
      learned: learnedBy("", ["readout.0", "readout.1"]),
    };
  },
  "two layers": () => {
    const first = attention(".0", "nodes");
    const moved = sum(
      d,
      multiply(
        at("between", [r, d]),
        load(reading(first, "expectation"), [index(b), index(n), index(d)]),
      ),
    );
    const hidden = map("hidden", [b, n, r], add(at("nodes", [b, n, r]), moved));
    const second = attention(".1", "hidden");
    return {
      parts: [first, hidden, second],
      predicted: readOut("readout", second, "expectation"),
      weight: row(second),
      learned: {
        ...learnedBy(".0", []),
        ...learnedBy(".1", ["readout"]),
        between: square,
      },
    };
  },
};

const lastNode = last;
const reading = ({ readings }: Part, name: string): string => readings[name] as string;

/** Nodes as queries, keys and values, the first two projected. */
const nodesOf = (suffix: string, tensor: string) => {
  const side = (by: string, nodes: "N" | "M") => ({
    tensor,
    shape: ["B", nodes, "D"],
    moved: [projected(`${by}_weight${suffix}`)],
  });
  return {
    query: side("query", "N"),
    key: side("key", "M"),
    value: { tensor, shape: ["B", "M", "D"] },
  };
};

const attention = (suffix: string, tensor: string): Part =>
  part(
    self({ square: true, graph: withoutSelf(), nodes: nodesOf(suffix, tensor) }),
    `attention${suffix}`,
  );

const twoHops = (suffix: string, tensor: string) =>
  multihop({ graph: withoutSelf(), nodes: nodesOf(suffix, tensor) });

const learnedBy = (suffix: string, readouts: readonly string[]) => ({
  [`query_weight${suffix}`]: square,
  [`key_weight${suffix}`]: square,
  ...Object.fromEntries(readouts.map((name) => [name, [d]])),
});

/** ⟨readout, expectation of the last node⟩. */
const readOut = (by: string, of: Part, name: string): Expr =>
  sum(d, multiply(at(by, [d]), load(reading(of, name), [index(b), last, index(d)])));

const posterior = (of: Part, from: Axis, to: Axis): Expr =>
  load(reading(of, "posterior"), [index(b), index(from), index(to)]);
const expected = (of: Part, node: Axis): Expr =>
  load(reading(of, "expectation"), [index(b), index(node), index(d)]);

/** Row of P of the last node. */
const row = (of: Part): Expr => load(reading(of, "posterior"), [index(b), last, index(n)]);

/** Row of P² of the last node. */
const secondRow = (of: Part): Expr =>
  sum(k, multiply(load(reading(of, "posterior"), [index(b), last, index(k)]), posterior(of, k, n)));
