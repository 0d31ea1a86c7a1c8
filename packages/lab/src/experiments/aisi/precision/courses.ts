/** Where the variants settle, and how edges share a unit's precision as it grows. */

import { exactly } from "../../../experiment/exact.ts";
import type { Row } from "../../../experiment/experiment.ts";
import { rowsOf, type Vector } from "../identities/direct.ts";
import type { Draw } from "../identities/draw.ts";
import { clamped, drawnNetwork, inputsOf, type Network, sharpened, variants } from "./network.ts";

/** A rate at which the energy of none of the variants rises: half of two over its curvature. */
function safeRate({ states, weights, precisions }: Network): number {
  const parents = states[0].length;
  const curvatures = states[1].map((_, a) => {
    const own = parents * (precisions[0][a] as number);
    return weights[1].reduce((sum, row, c) => {
      const reach = row.reduce((total, w) => total + Math.abs(w), 0);
      return sum + (precisions[1][c] as number) * Math.abs(row[a] as number) * reach;
    }, own);
  });
  return 1 / Math.max(...curvatures);
}

/** Hidden units and energy of each variant on its way down the gradient, from one start. */
export async function settling(
  draw: Draw,
  units: readonly [number, number, number],
  iterations: number,
): Promise<Row[]> {
  const network = drawnNetwork(draw, units);
  const rate = safeRate(network);
  const rows: Row[] = [];
  for (const variant of variants) {
    const model = clamped({ variant, rate, maxIterations: 1 });
    let hidden = network.states[1];
    for (let iteration = 0; iteration <= iterations; iteration++) {
      const [top, , bottom] = network.states;
      const inputs = inputsOf({ ...network, states: [top, hidden, bottom] });
      const next = await exactly(model, inputs, ["state.1", "freeEnergy"]);
      const freeEnergy = next.freeEnergy.data[0] as number;
      rows.push({
        check: "settling",
        variant,
        iteration,
        freeEnergy,
        error: error(hidden, network),
      });
      hidden = [...next["state.1"].data];
    }
  }
  return rows;
}

/** Root mean squared distance of hidden units from those that made the data. */
const error = (hidden: Vector, { truth }: Network): number =>
  Math.sqrt(hidden.reduce((sum, z, a) => sum + (z - (truth[a] as number)) ** 2, 0) / hidden.length);

/** Settled networks whose precisions are multiplied: the strongest edge of a unit, and its edges' entropy. */
export async function sharpening(
  draw: Draw,
  units: readonly [number, number, number],
  factors: readonly number[],
): Promise<Row[]> {
  const network = drawnNetwork(draw, units);
  const model = clamped({ update: "closed", maxIterations: 100, tolerance: 1e-10 });
  const rows: Row[] = [];
  for (const factor of factors) {
    const { "posterior.1": posterior } = await exactly(
      model,
      inputsOf(sharpened(network, factor)),
      ["posterior.1"],
    );
    const shares = rowsOf(posterior);
    shares.forEach((row, unit) => {
      const entropy = -row.reduce((sum, p) => sum + (p > 0 ? p * Math.log(p) : 0), 0);
      const k = factor * (network.precisions[1][unit] as number);
      rows.push({
        ...{ check: "sharpening", factor, unit, precision: k },
        ...{ strongest: Math.max(...row), parents: Math.exp(entropy) },
        shares: row.map((p) => p * k).join(" "),
      });
    });
  }
  return rows;
}
