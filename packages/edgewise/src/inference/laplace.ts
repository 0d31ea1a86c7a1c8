/**
 * Curvature of the free energy at the point that was reached: the precision of Laplace's Gaussian.
 *
 * Σ⁻¹ = Λ − Σ Var_P[∇s] − Σ E_P[∇²s] = ∇²F, column by column as products with unit directions; the
 * Laplace free energy is F + ½ log |Σ⁻¹| − D/2 log 2π, an approximation and not a bound. Away from a
 * strict minimum the matrix is not positive definite, which is reported; nothing is inverted there.
 *
 * @source docs/mathematics.md, 4.3.
 */
import {
  type Axis,
  add,
  axis,
  binary,
  divide,
  index,
  load,
  multiply,
  size,
  subtract,
} from "../ir/expr.ts";
import { map } from "../ir/fold.ts";
import type { RoutineStep, Step } from "../ir/program.ts";
import type { Latent } from "../model/latentModel.ts";
import { columnSteps, unitDirection } from "./columns.ts";
import type { Evaluated, FreeEnergy } from "./freeEnergy.ts";

const readings = ["precisionMatrix", "positiveDefinite", "covariance", "laplaceFreeEnergy"];

/** Readings of the curvature, for models with one latent whose nodes have features and stand apart. */
export function laplaceReadings(energy: FreeEnergy): Record<string, string> {
  return appliesTo(energy) ? Object.fromEntries(readings.map((name) => [name, name])) : {};
}

const appliesTo = ({ model: { latents }, per, spread }: FreeEnergy): boolean =>
  latents.length === 1 && !spread && per.length + 1 === latents[0]?.shape.length;

/** Steps of these readings, of which only what is asked for stays in a program. */
export function laplaceSteps(energy: FreeEnergy, at: Evaluated): Step[] {
  if (!appliesTo(energy)) return [];
  const [latent] = energy.model.latents as readonly [Latent];
  const loops = energy.loops(latent);
  const feature = loops.at(-1) as Axis;
  const product = energy.gainHessian(at, [latent], unitDirection("direction"));
  const bends = product.by.get(latent.tensor) as string;
  const columns = columnSteps(product.steps, {
    name: "curvature",
    direction: "direction",
    width: feature.size,
    kept: [{ column: bends, columns: "bends", shape: latent.shape }],
  });
  const other = axis("column", feature.size);
  const place = [...loops, other].map(index);
  const isDiagonal = binary("equal", index(feature), index(other));
  const entry = subtract(
    multiply(energy.quantity(latent.precision), isDiagonal),
    load("bends", place),
  );
  return [
    ...columns,
    map("precisionMatrix", [...loops, other], entry),
    routineStep("positiveDefinite", "isDefinite", "positiveDefinite", energy.per),
    map("identity", [...loops, other], isDiagonal),
    {
      ...routineStep("linearSolve", "solution", "covariance", [...loops, other]),
      inputs: { matrix: "precisionMatrix", source: "identity" },
    },
    routineStep("logDeterminant", "logDeterminant", "logDeterminant", energy.per),
    map("laplaceFreeEnergy", energy.per, laplaceFreeEnergy(energy, feature)),
  ];
}

function routineStep(
  routine: string,
  role: string,
  name: string,
  over: readonly Axis[],
): RoutineStep {
  return {
    kind: "routine",
    routine,
    inputs: { matrix: "precisionMatrix" },
    outputs: { [role]: { name, shape: over.map((loop) => loop.size) } },
    options: {},
  };
}

function laplaceFreeEnergy(energy: FreeEnergy, feature: Axis): ReturnType<typeof add> {
  const at = energy.per.map(index);
  const volume = multiply(divide(size(feature.size), 2), Math.log(2 * Math.PI));
  const bend = divide(load("logDeterminant", at), 2);
  return subtract(add(load("freeEnergy end", at), bend), volume);
}
