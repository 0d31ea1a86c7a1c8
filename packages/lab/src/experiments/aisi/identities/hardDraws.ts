/** K21: chosen edges as a stochastic approximation of the expectation over them. */
import { hard, tensor } from "edgewise";
import { exactly } from "../../../experiment/exact.ts";
import type { Row } from "../../../experiment/experiment.ts";
import { combine, dot, range, rowsOf, softmax, squaredDistance, type Vector } from "./direct.ts";
import type { Draw } from "./draw.ts";

/**
 * Rows of one query: for each number of draws, the root of the mean squared error over repeats, in
 * deviations of the value under the posterior, and how many standard errors their mean is off.
 */
export async function hardDraws(
  draw: Draw,
  { samples, repeats }: { samples: readonly number[]; repeats: number },
): Promise<Row[]> {
  const [senders, width] = [draw.whole(3, 10), draw.whole(1, 5)];
  const [query, key, value] = [
    draw.vector(width),
    draw.matrix(senders, width),
    draw.matrix(senders, 3),
  ];
  const posterior = softmax(key.map((k) => dot(query, k) / Math.sqrt(width)));
  const exact = combine(posterior, value);
  const variance = posterior.reduce(
    (sum, p, j) => sum + p * squaredDistance(value[j] as Vector, exact),
    0,
  );
  // Every receiver asks the same, and draws by itself.
  const inputs = {
    query: tensor([[range(repeats).map(() => query)]]),
    key: tensor([[key]]),
    value: tensor([[value]]),
  };
  const seed = draw.whole(1, 2 ** 30);
  const rows: Row[] = [];
  for (const count of samples) {
    const model = hard({ choose: "samples", count });
    const { expectation } = await exactly(model, inputs, ["expectation"], { seed: seed + count });
    const drawn = rowsOf(expectation);
    const squares = drawn.reduce((sum, row) => sum + squaredDistance(row, exact), 0);
    const mean = combine(new Array(repeats).fill(1 / repeats), drawn);
    rows.push({
      check: "samples",
      at: count,
      error: Math.sqrt(squares / repeats / variance),
      standardErrors: Math.sqrt((squaredDistance(mean, exact) * count * repeats) / variance),
    });
  }
  const greatest = Math.max(...value.map((row) => Math.sqrt(dot(row, row))));
  const one = { ...inputs, query: tensor([[[query]]]) };
  const ordered = [...posterior].sort((a, b) => b - a);
  for (const count of range(senders).map((k) => k + 1)) {
    const choose = count === 1 ? ("mode" as const) : ("top" as const);
    const { expectation } = await exactly(hard({ choose, count }), one, ["expectation"]);
    const missing = ordered.slice(count).reduce((a, b) => a + b, 0);
    const error = Math.sqrt(squaredDistance(rowsOf(expectation)[0] as Vector, exact));
    rows.push({ check: "top", at: count, error, bound: 2 * missing * greatest });
  }
  return rows;
}
