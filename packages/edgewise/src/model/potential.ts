import { EdgewiseError } from "../errors/edgewiseError.ts";
import {
  type Axis,
  axis,
  binary,
  divide,
  type Expr,
  index,
  load,
  log,
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
import type { EdgeScope } from "./edgeScope.ts";
import { lowerText } from "./expression.ts";
import { type NodeTensor, nodeAt, widthOf } from "./node.ts";
import { lowerQuantity, type Quantity } from "./quantity.ts";

/** How data scores one edge: the log potential φ, in nats. */
export type Potential =
  | { readonly kind: "scaledDot"; readonly scale?: Quantity }
  | { readonly kind: "bilinear"; readonly weight: string; readonly scale?: Quantity }
  | { readonly kind: "gaussian"; readonly precision: Quantity; readonly normalised: boolean }
  | {
      readonly kind: "prediction";
      readonly weight: string;
      readonly precision: Quantity;
      readonly link: "identity" | "tanh";
    }
  | { readonly kind: "softcap"; readonly cap: Quantity; readonly of: Potential }
  | {
      readonly kind: "expression";
      readonly text: string;
      readonly of: Potential;
      readonly scalars?: readonly string[];
    };

/** φ = scale · ⟨query, key⟩, scale 1/√D unless given. */
export const scaledDot = (options: { scale?: Quantity } = {}): Potential => ({
  kind: "scaledDot",
  ...options,
});
/** φ = scale · queryᵀ W key with W [D, C]: widths may differ. */
export const bilinear = (options: { weight?: string; scale?: Quantity } = {}): Potential => ({
  kind: "bilinear",
  weight: "weight",
  scale: 1,
  ...options,
});
/** φ = −precision/2 ‖query − key‖², with its normaliser D/2 log(precision) unless told otherwise. */
export const gaussian = (
  options: { precision?: Quantity; normalised?: boolean } = {},
): Potential => ({
  kind: "gaussian",
  precision: 1,
  normalised: true,
  ...options,
});
/**
 * φ = −precision/2 ‖query − f(W key)‖²: the key predicts the query along its own edge. `weight` is a
 * tensor [N, M] of one number an edge, or [N, M, D, C] of one matrix an edge for nodes with features.
 *
 * @source docs/mathematics.md, 5.4; without the Gaussian's normaliser.
 */
export const prediction = (options: {
  weight: string;
  precision?: Quantity;
  link?: "identity" | "tanh";
}): Potential => ({ kind: "prediction", precision: 1, link: "identity", ...options });
/** φ = cap · tanh(φ₀/cap). */
export const softcap = (options: { cap: Quantity; of?: Potential }): Potential => ({
  kind: "softcap",
  of: scaledDot(),
  ...options,
});
/** Log potential as a text of `score`, the potential that it changes: "20 * tanh(score / 20)". */
export const scored = (
  text: string,
  of: Potential = scaledDot(),
  options: { scalars?: readonly string[] } = {},
): Potential => ({ kind: "expression", text, of, ...options });

/** Log potential of one edge. */
export function lowerPotential(
  potential: Potential,
  query: NodeTensor,
  key: NodeTensor,
  scope: EdgeScope,
): Expr {
  if (potential.kind === "scaledDot" || potential.kind === "gaussian") sameWidth(query, key);
  switch (potential.kind) {
    case "scaledDot":
      return scaled(potential.scale, dot(nodeAt(query, scope), key, scope), query, scope);
    case "bilinear":
      return scaled(
        potential.scale,
        dot(projected(potential.weight, query, key, scope), key, scope),
        query,
        scope,
      );
    case "gaussian":
      return gaussianScore(potential, query, key, scope);
    case "prediction":
      return predictionScore(potential, query, key, scope);
    case "softcap": {
      const cap = lowerQuantity(potential.cap, scope);
      return multiply(
        cap,
        unary("tanh", divide(lowerPotential(potential.of, query, key, scope), cap)),
      );
    }
    case "expression": {
      const score = lowerPotential(potential.of, query, key, scope);
      const { scalars = [] } = potential;
      return lowerText(potential.text, scope, "potential", { names: { score }, scalars });
    }
    default:
      return potential satisfies never;
  }
}

/** Nodes that are compared feature by feature have as many features. */
function sameWidth(query: NodeTensor, key: NodeTensor): void {
  const [d, c] = [widthOf(query), widthOf(key)];
  if (d === c) return;
  throw new EdgewiseError({
    code: "bad_model",
    where: "potential",
    got: `${query.tensor} of width ${d} and ${key.tensor} of width ${c}`,
    expected: "one width",
    fix: "give both the same last letter, or use potential: bilinear()",
  });
}

const features = (node: NodeTensor, scope: EdgeScope): Axis =>
  axis("d", scope.extent(widthOf(node)));

/** Reads a node's feature at this edge. */
type Reader = (feature: Expr) => Expr;

function dot(query: Reader, key: NodeTensor, scope: EdgeScope): Expr {
  const d = features(key, scope);
  return sum(d, multiply(query(index(d)), nodeAt(key, scope)(index(d))));
}

function scaled(
  scale: Quantity | undefined,
  score: Expr,
  query: NodeTensor,
  scope: EdgeScope,
): Expr {
  if (scale === undefined) return divide(score, sqrt(size(features(query, scope).size)));
  return multiply(lowerQuantity(scale, scope), score);
}

/** Queries times W, once per node. */
function projected(weight: string, query: NodeTensor, key: NodeTensor, scope: EdgeScope): Reader {
  const letters = [query.shape.at(-1) as string, key.shape.at(-1) as string] as const;
  scope.require(weight, letters);
  const [d, c] = [axis("d", scope.extent(letters[0])), axis("c", scope.extent(letters[1]))];
  const loops = [scope.batch, scope.head, scope.receiver].filter((_, k) =>
    query.shape.includes("BHN"[k] as string),
  );
  const product = multiply(nodeAt(query, scope)(index(d)), load(weight, [d, c].map(index)));
  scope.steps.push(map("queryProjected", [...loops, c], sum(d, product)));
  return (feature) => load("queryProjected", [...loops.map(index), feature]);
}

function gaussianScore(
  { precision, normalised }: Extract<Potential, { kind: "gaussian" }>,
  query: NodeTensor,
  key: NodeTensor,
  scope: EdgeScope,
): Expr {
  const d = features(key, scope);
  const gap = subtract(nodeAt(query, scope)(index(d)), nodeAt(key, scope)(index(d)));
  const alpha = lowerQuantity(precision, scope);
  const energy = multiply(divide(alpha, 2), sum(d, multiply(gap, gap)));
  if (!normalised) return negate(energy);
  // The normaliser of a precision of 0 is 0: such a unit is indifferent, not impossible.
  const normaliser = multiply(divide(size(d.size), 2), log(alpha));
  return subtract(where(binary("equal", alpha, number(0)), 0, normaliser), energy);
}

type Prediction = Extract<Potential, { kind: "prediction" }>;

function predictionScore(
  potential: Prediction,
  query: NodeTensor,
  key: NodeTensor,
  scope: EdgeScope,
): Expr {
  return errorScore(potential, query, key, scope, (predicted) => predicted);
}

/** The same for one prediction that all senders make together: f(Σⱼ Wⱼ keyⱼ). */
export function pooledScore(
  potential: Prediction,
  query: NodeTensor,
  key: NodeTensor,
  scope: EdgeScope,
): Expr {
  return errorScore(potential, query, key, scope, (predicted) => sum(scope.sender, predicted));
}

function errorScore(
  { weight, precision, link }: Prediction,
  query: NodeTensor,
  key: NodeTensor,
  scope: EdgeScope,
  gathered: (predicted: Expr) => Expr,
): Expr {
  const through = (e: Expr): Expr => (link === "tanh" ? unary("tanh", e) : e);
  const half = divide(lowerQuantity(precision, scope), 2);
  const [d, c] = [featureOf(query), featureOf(key)];
  if (d === undefined || c === undefined) {
    const product = multiply(scope.tensor(weight, ["N", "M"]), nodeAt(key, scope)(number(0)));
    const gap = subtract(nodeAt(query, scope)(number(0)), through(gathered(product)));
    return negate(multiply(half, multiply(gap, gap)));
  }
  const [to, from] = [axis("d", scope.extent(d)), axis("c", scope.extent(c))];
  const product = multiply(
    scope.tensor(weight, ["N", "M", d, c], [index(to), index(from)]),
    nodeAt(key, scope)(index(from)),
  );
  const gap = subtract(nodeAt(query, scope)(index(to)), through(gathered(sum(from, product))));
  return negate(multiply(half, sum(to, multiply(gap, gap))));
}

/** Letter of a node's features; undefined for nodes that are one number each. */
const featureOf = ({ shape }: NodeTensor): string | undefined =>
  shape.find((letter) => !["B", "H", "G", "N", "M"].includes(letter));
