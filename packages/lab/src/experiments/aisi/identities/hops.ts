/** K5: two hops against every graph there is. */
import { edges, hops, multihop, tensor, withoutSelf } from "edgewise";
import type { Measured } from "../../../experiment/checks.ts";
import { exactly } from "../../../experiment/exact.ts";
import { combine, dot, gap, type Matrix, pairs, range, softmax, type Vector } from "./direct.ts";
import type { Draw } from "./draw.ts";

const nodes = 4;
const no = Number.NEGATIVE_INFINITY;

/** Edges to nodes before, and the first node's to itself. */
const past = range(nodes).flatMap((i) =>
  range(Math.max(1, i)).map((j): readonly [number, number] => [i, j]),
);

export async function twoHops(draw: Draw): Promise<Measured> {
  const width = draw.whole(1, 4);
  const [x, value] = [draw.matrix(nodes, width), draw.matrix(nodes, 2)];
  const inputs = { query: tensor([[x]]), key: tensor([[x]]), value: tensor([[value]]) };
  const dots = pairs(x, x, (a, b) => dot(a, b) / Math.sqrt(width));
  const onEdges = (isEdge: (i: number, j: number) => boolean): number[][] =>
    dots.map((row, i) => softmax(row.map((s, j) => (isEdge(i, j) ? s : no))));
  const [whole, open] = [onEdges(() => true), onEdges((i, j) => i !== j)];
  const causal = onEdges((i, j) => past.some(([a, b]) => a === i && b === j));
  const found = async (options: Parameters<typeof multihop>[0]) =>
    (await exactly(multihop(options), inputs, ["expectation"])).expectation;
  const quenched = hops({ reading: "quenched" });
  const third = hops({ weights: [0, 0, 1] });
  const walked = overGraphs(whole, value, [1, 1]);
  return {
    holds: {
      "P + P², each hop drawn anew": gap(await found({}), overWalks(whole, value)),
      "P + P², one graph, no self-edges": gap(
        await found({ graph: withoutSelf() }),
        overGraphs(open, value, [1, 1]),
      ),
      "corrected, one graph, self-edges": gap(await found({ value: quenched }), walked),
      "third hop, one graph, past only": gap(
        await found({ graph: edges(past), value: third }),
        overGraphs(causal, value, [0, 0, 1]),
      ),
    },
    "as printed": { "P + P², one graph, self-edges": gap(await found({}), walked) },
    contrast: {
      "third hop, one graph, no self-edges": gap(
        await found({ graph: withoutSelf(), value: third }),
        overGraphs(open, value, [0, 0, 1]),
      ),
    },
  };
}

/** Every first edge, and every second edge whatever the first one was. */
function overWalks(posterior: Matrix, value: Matrix): number[][] {
  return posterior.map((row) => {
    const walks = row.flatMap((p, j) =>
      (posterior[j] as Vector).map((q, k) => ({ weight: p * q, j, k })),
    );
    const worth = walks.map(({ j, k }) =>
      (value[j] as Vector).map((v, d) => v + ((value[k] as Vector)[d] as number)),
    );
    return combine(
      walks.map(({ weight }) => weight),
      worth,
    );
  });
}

/** Every graph with one edge of each node, walked for as many hops as there are weights. */
function overGraphs(posterior: Matrix, value: Matrix, hopWeights: Vector): number[][] {
  const sums = value.map((row) => row.map(() => 0));
  for (let code = 0; code < nodes ** nodes; code++) {
    const graph = range(nodes).map((i) => Math.floor(code / nodes ** i) % nodes);
    const weight = graph.reduce((w, j, i) => w * ((posterior[i] as Vector)[j] as number), 1);
    sums.forEach((sum, i) => {
      let node = i;
      for (const share of hopWeights) {
        node = graph[node] as number;
        const own = value[node] as Vector;
        own.forEach((v, d) => {
          sum[d] = (sum[d] as number) + weight * share * v;
        });
      }
    });
  }
  return sums;
}
