/** K1: what a transformer does, row by row of the table of mechanisms. */
import {
  absolute,
  causal,
  classifier,
  cross,
  edgesFrom,
  expanding,
  given,
  graph,
  multihop,
  relative,
  rotary,
  self,
  tensor,
  window,
} from "edgewise";
import { exactly } from "../../../experiment/exact.ts";
import {
  attended,
  combine,
  dot,
  gap,
  type Matrix,
  pairs,
  product,
  range,
  softmax,
  sum,
  type Vector,
} from "./direct.ts";
import type { Draw } from "./draw.ts";

const heads = (matrix: Matrix) => tensor([[matrix]]);
const no = Number.NEGATIVE_INFINITY;

/** Differences of the primitive from direct formulas, by mechanism. */
export async function attentionRows(draw: Draw): Promise<Record<string, number>> {
  const [nodes, senders, width] = [draw.whole(3, 9), draw.whole(2, 9), 2 * draw.whole(1, 4)];
  const x = draw.matrix(nodes, width);
  const [other, value] = [draw.matrix(senders, width), draw.matrix(nodes, 3)];
  const root = Math.sqrt(width);
  const dots = pairs(x, x, (a, b) => dot(a, b) / root);
  const kept = (isEdge: (i: number, j: number) => boolean): number[][] =>
    dots.map((row, i) => row.map((score, j) => (isEdge(i, j) ? score : no)));
  const inputs = { query: heads(x), key: heads(x), value: heads(value) };
  const expected = async (
    model: Parameters<typeof exactly>[0],
    answer: Matrix,
    more: object = {},
  ): Promise<number> =>
    gap((await exactly(model, { ...inputs, ...more }, ["expectation"])).expectation, answer);

  const [back, ahead] = [2, 1];
  const neighbours = range(nodes).flatMap((i) =>
    range(nodes)
      .filter((j) => j === i || draw.between(0, 1) < 0.4)
      .map((j) => [i, j] as const),
  );
  const isNeighbour = (i: number, j: number): boolean =>
    neighbours.some(([a, b]) => a === i && b === j);
  const offsets = draw.vector(2 * nodes - 1);
  const positions = draw.matrix(nodes, width);
  const placed = sum(x, positions);
  const turned = x.map((row, i) => rotatedBy(row, i));
  const posterior = dots.map(softmax);
  const otherValue = draw.matrix(senders, 3);

  return {
    cross: await expected(
      cross(),
      attended(
        pairs(x, other, (a, b) => dot(a, b) / root),
        otherValue,
      ),
      { key: heads(other), value: heads(otherValue) },
    ),
    self: await expected(self(), attended(dots, value)),
    "self, causal": await expected(
      self({ graph: causal() }),
      attended(
        kept((i, j) => j <= i),
        value,
      ),
    ),
    "sparse, window": await expected(
      self({ graph: window({ back, ahead }) }),
      attended(
        kept((i, j) => j >= i - back && j <= i + ahead),
        value,
      ),
    ),
    "sparse, edges": await expected(graph(edgesFrom()), attended(kept(isNeighbour), value), {
      edges: { data: Int32Array.from(neighbours.flat()), shape: [neighbours.length, 2] },
    }),
    relative: await expected(
      relative(),
      attended(
        dots.map((row, i) => row.map((s, j) => s + (offsets[j - i + nodes - 1] as number))),
        value,
      ),
      { relative_prior: tensor([offsets]) },
    ),
    absolute: await expected(
      absolute(),
      attended(
        pairs(placed, placed, (a, b) => dot(a, b) / root),
        value,
      ),
      { position: tensor(positions) },
    ),
    rotary: await expected(
      rotary(),
      attended(
        pairs(turned, turned, (a, b) => dot(a, b) / root),
        value,
      ),
    ),
    classifier: await classes(draw),
    multihop: await expected(
      multihop(),
      product(sum(posterior, product(posterior, posterior)), value),
    ),
    expanding: await expanded(draw, x, value),
  };
}

/** Pairs of features (k, k + D/2) turned by the position times base^(−2k/D). */
function rotatedBy(row: Vector, position: number): number[] {
  const half = row.length / 2;
  return row.map((value, k) => {
    const angle = position * 10000 ** (-(2 * (k % half)) / row.length);
    const other = row[(k + half) % row.length] as number;
    return value * Math.cos(angle) + (k < half ? -other : other) * Math.sin(angle);
  });
}

/** Softmax regression with class frequencies. */
async function classes(draw: Draw): Promise<number> {
  const [batch, width, count] = [draw.whole(1, 4), draw.whole(1, 6), draw.whole(2, 7)];
  const [features, embeddings] = [draw.matrix(batch, width), draw.matrix(count, width)];
  const logFrequency = softmax(draw.vector(count)).map(Math.log);
  const model = classifier({ prior: given("log_frequency", ["M"]) });
  const inputs = { features: tensor(features), classes: tensor(embeddings) };
  const { posterior } = await exactly(model, { ...inputs, log_frequency: tensor(logFrequency) }, [
    "posterior",
  ]);
  const logits = pairs(
    features,
    embeddings,
    (f, y, _, c) => dot(f, y) + (logFrequency[c] as number),
  );
  return gap(posterior, logits.map(softmax));
}

/** The beta-geometric law of distances, with q summed out. */
async function expanded(draw: Draw, x: Matrix, value: Matrix): Promise<number> {
  const [alpha, beta] = [draw.between(0.5, 3), draw.between(0.5, 6)];
  const model = expanding({ alpha, beta, scheme: "exact", tail: 0 });
  const inputs = { query: heads(x), key: heads(x), value: heads(value) };
  const { expectation } = await exactly(model, inputs, ["expectation"]);
  const law = [alpha / (alpha + beta)];
  for (let h = 0; h < x.length; h++)
    law.push(((law[h] as number) * (beta + h)) / (alpha + beta + h + 1));
  const expected = x.map((node, i) => {
    const scores = range(i + 1).map(
      (j) => dot(node, x[j] as Vector) / Math.sqrt(node.length) + Math.log(law[i - j] as number),
    );
    return combine(softmax(scores), value.slice(0, i + 1));
  });
  return gap(expectation, expected);
}
