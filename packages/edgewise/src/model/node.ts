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
  subtract,
  unary,
  where,
} from "../ir/expr.ts";
import { map } from "../ir/fold.ts";
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
  | { readonly kind: "rotated"; readonly base: number; readonly pairing: "half" | "interleaved" };

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

/** Tensor that holds a node once its moves are made. */
export const movedTensor = ({ tensor, moved = [] }: NodeTensor): string =>
  moved.length === 0 ? tensor : `${tensor}Moved${moved.length}`;

/** Element of a node at this edge, with its moves made once per node before the fold. */
export function nodeAt(node: NodeTensor, scope: EdgeScope): (feature: Expr) => Expr {
  scope.require(node.tensor, node.shape);
  let name = node.tensor;
  for (const [k, move] of (node.moved ?? []).entries()) {
    const next = `${node.tensor}Moved${k + 1}`;
    if (
      !scope.steps.some((step) => step.kind === "map" && step.results.some((r) => r.name === next))
    )
      scope.steps.push(moveStep(node, name, next, move, scope));
    name = next;
  }
  const source = name;
  return (feature) => load(source, scope.place(node.shape, [feature]));
}

function moveStep(
  node: NodeTensor,
  from: string,
  to: string,
  move: NodeMove,
  scope: EdgeScope,
): ReturnType<typeof map> {
  const loops = node.shape.map(
    (letter): Axis => axis(letter.toLowerCase()[0] ?? "x", scope.extent(letter)),
  );
  const place = loops.findIndex((_, k) => node.shape[k] === "N" || node.shape[k] === "M");
  const nodeIndex = index(loops[place] as Axis);
  const feature = loops.at(-1) as Axis;
  if (move.kind === "shifted") {
    const position = scope.require(move.by, [
      node.shape[place] as string,
      node.shape.at(-1) as string,
    ]);
    const value = add(
      load(from, loops.map(index)),
      load(position.name, [nodeIndex, index(feature)]),
    );
    return map(to, loops, value);
  }
  const isReceiver = node.shape[place] === "N";
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
