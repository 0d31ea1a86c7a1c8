/**
 * Curvature of the free energy at the point that was reached: the precision of Laplace's Gaussian.
 *
 * Σ⁻¹ = Λ − Σ Var_P[∇s] − Σ E_P[∇²s] = ∇²F, column by column as products with unit directions.
 *
 * @source docs/mathematics.md, 4.3.
 */
import { axis, binary, type Expr, index, load, multiply, size, subtract } from "../ir/expr.ts";
import { map } from "../ir/fold.ts";
import type { FixedPoint, Step } from "../ir/program.ts";
import type { Latent } from "../model/latentModel.ts";
import type { Evaluated, FreeEnergy, States } from "./freeEnergy.ts";

/** Readings of the curvature: models with one latent whose nodes have features and stand apart. */
export function laplaceReadings(energy: FreeEnergy): Record<string, string> {
  return appliesTo(energy) ? { precisionMatrix: "precisionMatrix" } : {};
}

const appliesTo = ({ model: { latents }, per, spread }: FreeEnergy): boolean =>
  latents.length === 1 && !spread && per.length + 1 === latents[0]?.shape.length;

/** Steps for `precisionMatrix`, of which only the requested reading stays in a program. */
export function laplaceSteps(energy: FreeEnergy, at: Evaluated, states: States): Step[] {
  if (!appliesTo(energy)) return [];
  const [latent] = energy.model.latents as readonly [Latent];
  const loops = energy.loops(latent);
  const feature = loops.at(-1) as (typeof loops)[number];
  const unit = (place: readonly Expr[]): Expr =>
    binary("equal", place.at(-1) as Expr, load("direction"));
  const product = energy.gainHessian(at, states, [latent], " bend", unit);
  const bend = load(product.by.get(latent.tensor) as string, loops.map(index));
  const own = multiply(
    energy.quantity(latent.precision),
    binary("equal", index(feature), load("direction")),
  );
  const columns: FixedPoint = {
    kind: "fixedPoint",
    name: "columns of the curvature",
    state: [],
    blocks: [
      {
        name: "one direction",
        steps: [...product.steps, map("column", loops, subtract(own, bend))],
        update: {},
      },
    ],
    maxIterations: "width",
    iteration: "direction",
    traces: [{ tensor: "columns", of: "column", shape: latent.shape }],
    history: {},
    iterations: "directions",
    gradient: "unrolled",
  };
  const other = axis("column", feature.size);
  const place = [...loops, other].map(index);
  return [
    map("width", [], size(feature.size)),
    columns,
    map("precisionMatrix", [...loops, other], load("columns", place)),
  ];
}
