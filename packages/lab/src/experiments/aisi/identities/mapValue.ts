/** K15: the most probable value under a Gaussian mixture, and dot-product attention. */
import { probabilistic, tensor } from "edgewise";
import type { Measured } from "../../../experiment/checks.ts";
import { exactly } from "../../../experiment/exact.ts";
import {
  attended,
  combine,
  dot,
  gap,
  type Matrix,
  pairs,
  softmax,
  squaredDistance,
  type Vector,
} from "./direct.ts";
import type { Draw } from "./draw.ts";

interface Mixture {
  readonly query: Matrix;
  readonly key: Matrix;
  readonly value: Matrix;
}

function mixture(draw: Draw): Mixture {
  const [width, units] = [draw.whole(1, 6), draw.whole(2, 9)];
  return {
    query: draw.matrix(draw.whole(1, 5), width),
    key: draw.matrix(units, width),
    value: draw.matrix(units, 3),
  };
}

const attention = ({ query, key, value }: Mixture): number[][] =>
  attended(
    pairs(query, key, (a, b) => dot(a, b) / Math.sqrt(a.length)),
    value,
  );

export async function mapValue(draw: Draw): Promise<Measured> {
  const own = mixture(draw);
  const inputs = {
    query: tensor([[own.query]]),
    key: tensor([[own.key]]),
    value: tensor([[own.value]]),
  };
  const queryPrecision = 1 / Math.sqrt((own.key[0] as Vector).length);
  const answer = attention(own);
  const found = async (options: Parameters<typeof probabilistic>[0]) =>
    (await exactly(probabilistic({ queryPrecision, ...options }), inputs, ["expectation"]))
      .expectation;
  const distance = pairs(
    own.query,
    own.key,
    (a, b) => (-queryPrecision / 2) * squaredDistance(a, b),
  );
  const magnitudePrior = true;
  const vanishing = await found({ valuePrecision: 0, magnitudePrior });
  return {
    holds: {
      "equal precisions, magnitude prior": gap(vanishing, answer),
      "most probable value, β → 0": gap(
        await found({ valuePrecision: 1e-13, magnitudePrior, readout: "map" }),
        answer,
      ),
      "mode found by EM, β → 0": Math.max(
        ...own.query.map((query, i) => far(mode(own, query, 1e-13), answer[i] as Vector)),
      ),
      "no magnitude prior: attention by distance": gap(
        await found({ valuePrecision: 0 }),
        attended(distance, own.value),
      ),
    },
    contrast: {
      "attention by distance − by dot": gap(await found({ valuePrecision: 0 }), answer),
    },
  };
}

const far = (a: Vector, b: Vector): number =>
  Math.max(...a.map((x, k) => Math.abs(x - (b[k] as number))));

/** Mode of p(value | query) by EM from "value unknown", under the magnitude prior. */
function mode({ key, value }: Mixture, query: Vector, beta: number): number[] {
  const alpha = 1 / Math.sqrt(query.length);
  const known = key.map((k) => alpha * dot(query, k));
  let found = combine(softmax(known), value);
  for (let step = 0; step < 200; step++) {
    const scores = known.map((score, j) => score + beta * dot(found, value[j] as Vector));
    const next = combine(softmax(scores), value);
    const moved = far(next, found);
    found = next;
    if (moved < 1e-15) break;
  }
  return found;
}

/** How far the mode is from attention as the values' precision vanishes. */
export function vanishingPrecision(draw: Draw): { at: number; error: number }[] {
  const own = mixture(draw);
  const answer = attention(own);
  return [1, 0.1, 1e-2, 1e-4, 1e-6, 1e-8, 1e-10, 1e-12].map((beta) => ({
    at: beta,
    error: Math.max(
      ...own.query.map((query, i) => far(mode(own, query, beta), answer[i] as Vector)),
    ),
  }));
}
