import { type EdgeModel, type EdgeModelOptions, edgeModel } from "../model/edgeModel.ts";
import { type EmInference, em } from "../model/inference.ts";
import { gaussian } from "../model/potential.ts";
import type { Quantity } from "../model/quantity.ts";

/**
 * Probabilistic attention: keys and values are the units of a Gaussian mixture that adapt, by EM,
 * to the queries (`keyIterations`) and to annotated tokens (`valueIterations`).
 *
 * | argument             | shape                 |                                    |
 * | -------------------- | --------------------- | ---------------------------------- |
 * | query, key, value    | [B,H,N,D] … [B,H,M,V] |                                    |
 * | fixed, is_fixed      | [B,H,N,V], [B,H,N]    | with `annotated: true`             |
 * | → expectation        | [B,H,N,V]             |                                    |
 * | → key, value         | as given              | adapted                            |
 * | → responsibilities   | [B,H,N,M]             | the posterior over units           |
 * | → logLikelihood      | [B,H,T]               | nats; none lowers it, `paperCompat` apart |
 *
 * @source Gabbur, Bilkhu & Movellan (2021), "Probabilistic attention for interactive
 *   segmentation"; docs/mathematics.md, 9, its corrections included. `paperCompat`, `anchor: "running"` and
 *   `freezePrior: false` give the paper's layer.
 * @limit  Precision 1/√D, value precision to 0 and `magnitudePrior` give scaled dot-product attention.
 * @throws bad_model for a negative precision
 */
export function probabilistic({
  queryPrecision = 1,
  ...options
}: Partial<Omit<EmInference, "kind">> &
  EdgeModelOptions & { queryPrecision?: Quantity } = {}): EdgeModel {
  const { inference, rest } = em(options);
  return edgeModel({
    name: "probabilistic",
    nodes: {
      query: { tensor: "query", shape: ["B", "H", "N", "D"] },
      key: { tensor: "key", shape: ["B", "H", "M", "D"] },
      value: { tensor: "value", shape: ["B", "H", "M", "V"] },
    },
    potential: gaussian({ precision: queryPrecision, normalised: !inference.paperCompat }),
    inference,
    ...rest,
  });
}
