/** Gradients and precisions of one random network, against printed forms and differences. */
import type { Tensor } from "edgewise";
import type { Measured } from "../../../experiment/checks.ts";
import { exactly } from "../../../experiment/exact.ts";
import { rowsOf, type Vector } from "../identities/direct.ts";
import type { Draw } from "../identities/draw.ts";
import {
  clamped,
  derived,
  drawnNetwork,
  energy,
  type Form,
  gradient,
  inputsOf,
  type Link,
  type Network,
  precisionWeighted,
  variants,
} from "./network.ts";

const norm = (v: Vector): number => Math.sqrt(v.reduce((sum, x) => sum + x * x, 0));

/** ‖found − expected‖ / ‖expected‖. */
const off = (found: ArrayLike<number>, expected: Vector): number =>
  norm(expected.map((x, k) => (found[k] as number) - x)) / norm(expected);

export async function precisionChecks(
  draw: Draw,
  units: readonly [number, number, number],
): Promise<Measured> {
  const network = drawnNetwork(draw, units);
  const inputs = inputsOf(network);
  const holds: Record<string, number> = {};
  const printed: Record<string, number> = {};
  for (const link of ["identity", "tanh"] as const) {
    const still = clamped({ link, maxIterations: 0 });
    const found = await exactly(still, inputs, ["gradient.state.1", "freeEnergy"]);
    const slopes = found["gradient.state.1"].data;
    const other = (form: Partial<Form>): number =>
      off(gradient(network, link, { ...derived, ...form }), differences(network, link));
    const at = energy(network, network.states[1], link);
    holds[`∇F of the library, ${link}`] = off(slopes, differences(network, link));
    holds[`F of the library, ${link}`] = off(found.freeEnergy.data, [at]);
    holds[`corrected gradient, ${link}`] = other({});
    printed[`gradient with a plus, ${link}`] = other({ sign: 1 });
    printed[`softmax(−ε²), ${link}`] = other({ scaled: false });
  }
  const closed = await exactly(clamped({ update: "closed" }), inputs, [
    "state.1",
    "posterior.0",
    "posterior.1",
  ]);
  holds["step = network of precisions P k"] = off(
    closed["state.1"].data,
    precisionWeighted(network),
  );
  holds["edges of a unit: Σ P k = k"] = Math.max(
    ...([0, 1] as const).map((l) => budget(closed[`posterior.${l}`], network.precisions[l])),
  );
  holds["one parent: three networks are one"] = await single(draw);
  return { holds, "as printed": printed };
}

/** Differences of F, of fourth order. */
function differences(network: Network, link: Link): number[] {
  const hidden = network.states[1];
  const step = 1e-4;
  return hidden.map((_, a) => {
    const at = (by: number): number =>
      energy(
        network,
        hidden.map((z, b) => z + (a === b ? by * step : 0)),
        link,
      );
    return (8 * (at(1) - at(-1)) - (at(2) - at(-2))) / (12 * step);
  });
}

/** How far the precisions of a unit's edges are from its own, as a share of it. */
const budget = (posterior: Tensor, precisions: Vector): number =>
  Math.max(
    ...rowsOf(posterior).map((row, i) => {
      const k = precisions[i] as number;
      return Math.abs(row.reduce((sum, p) => sum + p * k, 0) - k) / k;
    }),
  );

async function single(draw: Draw): Promise<number> {
  const inputs = inputsOf(drawnNetwork(draw, [1, 1, draw.whole(1, 4)]));
  const slopes = await Promise.all(
    variants.map(async (variant) => {
      const still = clamped({ variant, maxIterations: 0 });
      const { "gradient.state.1": found } = await exactly(still, inputs, ["gradient.state.1"]);
      return [...found.data];
    }),
  );
  const [first = [], ...others] = slopes;
  return Math.max(...others.map((slope) => off(slope, first)));
}
