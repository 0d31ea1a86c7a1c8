/** Maps as products of matrices and loops over vectors, result by result. */
import type { NodeMap } from "../../../../ir/program.ts";
import type { Bindings } from "../frame.ts";
import type { Variant } from "../kernel.ts";
import { mapKernel } from "../plain.ts";
import { contraction } from "./contraction.ts";
import { elementwise } from "./elementwise.ts";
import type { MapOptions } from "./part.ts";
import { vectorSum } from "./sums.ts";

/** The variant in which some results have kernels of their own; nothing where none would. */
export function mapVariant(
  name: string,
  step: NodeMap,
  options: MapOptions,
): { readonly variant: Variant; readonly form: string } | undefined {
  const names = step.results.map((result) => result.name);
  const isAlone = (of: string): boolean => names.filter((other) => other === of).length === 1;
  let form = "vectors";
  const parts = step.results.map((result, k) => {
    if (!isAlone(result.name)) return undefined;
    const product = contraction(`${name}.${k}`, step, result, options);
    if (product !== undefined) form = "products of matrices";
    return (
      product ??
      elementwise(`${name}.${k}`, step, result, options) ??
      vectorSum(`${name}.${k}`, step, result, options)
    );
  });
  const own = parts.filter((part) => part !== undefined);
  if (own.length === 0) return undefined;
  const rest = step.results.filter((_, k) => parts[k] === undefined);
  const plain =
    rest.length === 0
      ? []
      : [mapKernel(`${name}.rest`, { ...step, results: rest }, options.storage)];
  const variant = {
    applies: (b: Bindings) => own.every((part) => part.applies(b)),
    kernels: [...own.map(({ kernel }) => kernel), ...plain],
    temporaries: [],
  };
  return { variant, form };
}
