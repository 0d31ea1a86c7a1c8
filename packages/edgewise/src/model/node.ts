import {
  type Axis,
  add,
  axis,
  binary,
  divide,
  type Expr,
  index,
  load,
  multiply,
  negate,
  number,
  size,
  sqrt,
  subtract,
  sum,
  unary,
  where,
} from "../ir/expr.ts";
import { map } from "../ir/fold.ts";
import { defines, type Step } from "../ir/program.ts";
import type { EdgeScope } from "./edgeScope.ts";

/** Nodes of a graph: a tensor, its shape in letters, and what is done to it before edges are scored. */
export interface NodeTensor {
  readonly tensor: string;
  readonly shape: readonly string[];
  readonly moved?: readonly NodeMove[];
}

/** Shapes of a transformer layer: queries at receivers, keys and values at senders, heads in groups. */
export const attentionShapes = {
  query: ["B", "H", "N", "D"],
  key: ["B", "G", "M", "D"],
  value: ["B", "G", "M", "V"],
} as const;

export type NodeMove =
  | { readonly kind: "shifted"; readonly by: string }
  | { readonly kind: "rotated"; readonly base: number; readonly pairing: "half" | "interleaved" }
  | { readonly kind: "projected"; readonly by: string; readonly to: string }
  | { readonly kind: "normed"; readonly by: string }
  | { readonly kind: "perceptron"; readonly by: string; readonly hidden: string };

/** Positions added to the nodes: `by` is a tensor of positions by features. */
export function shifted(by = "position"): NodeMove {
  return { kind: "shifted", by };
}

/**
 * Positions that rotate pairs of features by position · base^(−2k/D).
 *
 * @source Su et al. (2021), "RoFormer", eq. (15); pairs are (k, k + D/2) for "half".
 */
export function rotated(
  options: { base?: number; pairing?: "half" | "interleaved" } = {},
): NodeMove {
  return { kind: "rotated", base: 10000, pairing: "half", ...options };
}

/** Nodes times a matrix: `by` is a tensor [to, width], and the width is `to` from here on. */
export function projected(by: string, to = "D"): NodeMove {
  return { kind: "projected", by, to };
}

/**
 * Nodes of mean 0 and variance 1 over their features, times `by.weight` plus `by.bias`: a layer norm.
 *
 * @source Ba, Kiros & Hinton (2016), "Layer Normalization"; 1e-5 is added to the variance.
 */
export function normed(by: string): NodeMove {
  return { kind: "normed", by };
}

/** Nodes through one hidden layer of rectified units: `by.0.weight` [hidden, width] … `by.1.bias` [width]. */
export function perceptron(by: string, hidden = "X"): NodeMove {
  return { kind: "perceptron", by, hidden };
}

/** Letter of a node's width, after its moves. */
export function widthOf({ shape, moved = [] }: NodeTensor): string {
  const projections = moved.filter((move) => move.kind === "projected");
  return projections.at(-1)?.to ?? (blockShape({ tensor: "", shape }).at(-1) as string);
}

/** Tensor that holds a node once its moves are made. */
export const movedTensor = (node: NodeTensor): string =>
  (node.moved ?? []).reduce(afterMove, inBlocks(node) ? `${node.tensor} in blocks` : node.tensor);

const afterMove = (name: string, move: NodeMove): string =>
  `${name} ${move.kind}${"by" in move ? ` by ${move.by}` : ""}`;

/** Element of a node at this edge, with its moves made once per node before the fold. */
export function nodeAt(node: NodeTensor, scope: EdgeScope): (feature: Expr) => Expr {
  scope.require(node.tensor, node.shape);
  let name = node.tensor;
  let shape = node.shape;
  if (inBlocks(node)) {
    name = `${node.tensor} in blocks`;
    if (!scope.steps.some((step) => defines(step).some((made) => made.name === name)))
      scope.steps.push(blockStep(node, name, scope));
    shape = blockShape(node);
  }
  for (const move of node.moved ?? []) {
    const next = afterMove(name, move);
    const isMade = scope.steps.some((step) => defines(step).some((made) => made.name === next));
    if (!isMade) scope.steps.push(...moveSteps(shape, name, next, move, scope));
    name = next;
    if (move.kind === "projected") shape = [...shape.slice(0, -1), move.to];
  }
  const source = name;
  const letters = blockShape(node);
  return (feature) => load(source, scope.place(letters, [feature]));
}

/** Whether a node's features lie in blocks, one after the other: a last letter such as `H*C`. */
const inBlocks = ({ shape }: NodeTensor): boolean => (shape.at(-1) as string).includes("*");

/** Letters of a node with its blocks as a dimension of their own. */
export const blockShape = ({ shape }: NodeTensor): readonly string[] =>
  shape.flatMap((letter) => letter.split("*"));

function blockStep(node: NodeTensor, to: string, scope: EdgeScope): Step {
  const loops = blockShape(node).map((letter) => axis(letter.toLowerCase(), scope.extent(letter)));
  const [block, feature] = loops.slice(-2) as [Axis, Axis];
  const flat = add(multiply(index(block), size(feature.size)), index(feature));
  return map(to, loops, load(node.tensor, [...loops.slice(0, -2).map(index), flat]));
}

function moveSteps(
  shape: readonly string[],
  from: string,
  to: string,
  move: NodeMove,
  scope: EdgeScope,
): Step[] {
  const loops = shape.map(
    (letter): Axis => axis(letter.toLowerCase()[0] ?? "x", scope.extent(letter)),
  );
  const feature = loops.at(-1) as Axis;
  const at = (d: Expr): Expr => load(from, [...loops.slice(0, -1).map(index), d]);
  switch (move.kind) {
    case "shifted":
    case "rotated":
      return [placed(shape, loops, from, to, move, scope)];
    case "projected": {
      scope.require(move.by, [move.to, shape.at(-1) as string]);
      const row = axis("row", scope.extent(move.to));
      return [map(to, [...loops.slice(0, -1), row], product(move.by, index(row), feature, at))];
    }
    case "normed":
      return normSteps(shape, loops, from, to, move.by, scope);
    case "perceptron":
      return perceptronSteps(shape, loops, from, to, move, scope);
    default:
      return move satisfies never;
  }
}

/** Σ weight[row, d] · x[d]. */
function product(weight: string, row: Expr, feature: Axis, at: (d: Expr) => Expr): Expr {
  return sum(feature, multiply(load(weight, [row, index(feature)]), at(index(feature))));
}

const normFloor = 1e-5;

function normSteps(
  shape: readonly string[],
  loops: readonly Axis[],
  from: string,
  to: string,
  by: string,
  scope: EdgeScope,
): Step[] {
  const width = shape.at(-1) as string;
  for (const part of ["weight", "bias"]) scope.require(`${by}.${part}`, [width]);
  const [nodes, feature] = [loops.slice(0, -1), loops.at(-1) as Axis];
  const own = nodes.map(index);
  const [mean, variance] = [`mean of ${to}`, `variance of ${to}`];
  const gap = subtract(load(from, loops.map(index)), load(mean, own));
  const scaled = divide(gap, sqrt(add(load(variance, own), normFloor)));
  return [
    map(mean, nodes, divide(sum(feature, load(from, loops.map(index))), size(feature.size))),
    map(variance, nodes, divide(sum(feature, multiply(gap, gap)), size(feature.size))),
    map(
      to,
      loops,
      add(
        multiply(scaled, load(`${by}.weight`, [index(feature)])),
        load(`${by}.bias`, [index(feature)]),
      ),
    ),
  ];
}

function perceptronSteps(
  shape: readonly string[],
  loops: readonly Axis[],
  from: string,
  to: string,
  { by, hidden }: Extract<NodeMove, { kind: "perceptron" }>,
  scope: EdgeScope,
): Step[] {
  const width = shape.at(-1) as string;
  scope.require(`${by}.0.weight`, [hidden, width]);
  scope.require(`${by}.0.bias`, [hidden]);
  scope.require(`${by}.1.weight`, [width, hidden]);
  scope.require(`${by}.1.bias`, [width]);
  const [nodes, feature] = [loops.slice(0, -1), loops.at(-1) as Axis];
  const inner = axis("unit", scope.extent(hidden));
  const row = axis("row", feature.size);
  const at = (d: Expr): Expr => load(from, [...nodes.map(index), d]);
  const driven = add(
    product(`${by}.0.weight`, index(inner), feature, at),
    load(`${by}.0.bias`, [index(inner)]),
  );
  const active = (u: Expr): Expr => load(`hidden of ${to}`, [...nodes.map(index), u]);
  return [
    map(`hidden of ${to}`, [...nodes, inner], binary("max", driven, number(0))),
    map(
      to,
      [...nodes, row],
      add(product(`${by}.1.weight`, index(row), inner, active), load(`${by}.1.bias`, [index(row)])),
    ),
  ];
}

/** Moves that need the place of a node among the others. */
function placed(
  shape: readonly string[],
  loops: readonly Axis[],
  from: string,
  to: string,
  move: Extract<NodeMove, { kind: "shifted" | "rotated" }>,
  scope: EdgeScope,
): Step {
  const place = loops.findIndex((_, k) => shape[k] === "N" || shape[k] === "M");
  const nodeIndex = index(loops[place] as Axis);
  const feature = loops.at(-1) as Axis;
  if (move.kind === "shifted") {
    const position = scope.require(move.by, [shape[place] as string, shape.at(-1) as string]);
    const value = add(
      load(from, loops.map(index)),
      load(position.name, [nodeIndex, index(feature)]),
    );
    return map(to, loops, value);
  }
  const isReceiver = shape[place] === "N";
  // The receiver's position counts from its offset among the senders.
  const position = isReceiver ? add(nodeIndex, scope.first) : nodeIndex;
  return map(
    to,
    loops,
    rotation(move, feature, (d) => load(from, [...loops.slice(0, -1).map(index), d]), position),
  );
}

function rotation(
  { base, pairing }: Extract<NodeMove, { kind: "rotated" }>,
  feature: Axis,
  at: (d: Expr) => Expr,
  position: Expr,
): Expr {
  const d = index(feature);
  const half = divide(size(feature.size), 2);
  const even = binary("equal", binary("mod", d, number(2)), number(0));
  const isFirst = pairing === "half" ? binary("less", d, half) : even;
  const partner =
    pairing === "half"
      ? where(isFirst, add(d, half), subtract(d, half))
      : where(isFirst, add(d, 1), subtract(d, 1));
  const pair =
    pairing === "half" ? where(isFirst, d, subtract(d, half)) : unary("floor", divide(d, 2));
  const frequency = binary("power", number(base), divide(multiply(-2, pair), size(feature.size)));
  const angle = multiply(position, frequency);
  const turned = multiply(at(partner), unary("sin", angle));
  return add(multiply(at(d), unary("cos", angle)), where(isFirst, negate(turned), turned));
}
