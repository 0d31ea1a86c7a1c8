/** Gradients of free energies against differences, and steps against gradients. */
import type { Tensor } from "edgewise";
import type { Draw } from "../../../certify/draws.ts";
import { exactly } from "../../../experiment/exact.ts";

/** Small enough for energies whose curvature jumps, large enough for rounding. */
const step = 1e-7;

export interface GradientErrors {
  /** Largest difference of ∇F from differences of F, as a share of gradients and energy terms. */
  readonly gradient: number;
  /** Largest difference of z − z⁺ from ∇F, where a step of the family is one of unit rate. */
  readonly step: number;
}

/** Errors of one random model at its start. */
export async function gradientErrors({ model, inputs, sufficient }: Draw): Promise<GradientErrors> {
  const names = model.latents.map(({ tensor }) => tensor);
  const still = { ...model, inference: { ...model.inference, maxIterations: 0 } };
  const read = [...names.map((name) => `gradient.${name}`), "freeEnergy", "magnitude"];
  const start = await exactly(still, inputs, read);
  const moved = await exactly(model, inputs, names);
  const terms = Math.max(1, ...(start["magnitude"] as Tensor).data);
  const energy = async (name: string, at: number, by: number): Promise<number> => {
    const own = inputs[name] as Tensor;
    const data = Float64Array.from(own.data, (value, k) => value + (k === at ? by : 0));
    const { freeEnergy } = await exactly(still, { ...inputs, [name]: { data, shape: own.shape } }, [
      "freeEnergy",
    ]);
    return [...freeEnergy.data].reduce((sum, value) => sum + value, 0);
  };
  const errors = { gradient: 0, step: 0 };
  for (const name of names) {
    const slopes = (start[`gradient.${name}`] as Tensor).data;
    const size = Math.max(terms, ...slopes.map(Math.abs));
    const [before, after] = [inputs[name] as Tensor, moved[name] as Tensor];
    for (let k = 0; k < slopes.length; k++) {
      const slope = slopes[k] as number;
      const rise = (await energy(name, k, step)) - (await energy(name, k, -step));
      errors.gradient = worse(errors.gradient, (rise / (2 * step) - slope) / size);
      if (sufficient.includes(name)) {
        const went = (before.data[k] as number) - (after.data[k] as number);
        errors.step = worse(errors.step, (went - slope) / size);
      }
    }
  }
  return errors;
}

/** The larger error; what is not a number is the largest. */
const worse = (a: number, b: number): number =>
  Number.isNaN(b) ? Number.POSITIVE_INFINITY : Math.max(a, Math.abs(b));
