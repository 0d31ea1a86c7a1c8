/** Folds as tiles, where they are such folds. */
import type { NormalisingFold, WeightedFold } from "../../../../ir/program.ts";
import type { Storage } from "../frame.ts";
import type { Variant } from "../kernel.ts";
import { listedTemporaries } from "./listed.ts";
import { mergeKernel } from "./merge.ts";
import { tiledNormalising } from "./normalise.ts";
import { NotTiled, planOf } from "./plan.ts";
import { regrouped } from "./regroup.ts";
import { tiledWeighted } from "./weigh.ts";

/** The variant, or the reason why there is none. */
export function tiledVariant(
  name: string,
  given: NormalisingFold | WeightedFold,
  options: { readonly fused: boolean; readonly storage: (tensor: string) => Storage },
): Variant | string {
  try {
    const step = regrouped(given);
    const plan = planOf(step);
    const isRequired = (b: Parameters<Variant["applies"]>[0]): boolean =>
      plan.requires.every((holds) => holds(b));
    if (step.kind === "normalise") {
      const lists = plan.edges.list ? [mergeKernel(`${name}list`, plan, options)] : [];
      const kernels = [...lists, tiledNormalising(name, step, plan, options)];
      return { applies: isRequired, kernels, temporaries: listedTemporaries(plan) };
    }
    const { kernels, temporaries, applies } = tiledWeighted(name, step, plan, options);
    return { applies: (b) => isRequired(b) && applies(b), kernels, temporaries };
  } catch (error) {
    if (error instanceof NotTiled) return error.message;
    throw error;
  }
}
