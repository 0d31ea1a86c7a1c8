import type { EdgeModel } from "../model/edgeModel.ts";
import { motifsOf } from "../model/graph.ts";
import { edgesOf, isLatentModel, type Model } from "../model/model.ts";
import type { Potential } from "../model/potential.ts";
import type { Quantity } from "../model/quantity.ts";

/** What the numbers of an input must be, besides finite. */
export interface Range {
  readonly expected: string;
  readonly holds: (value: number) => boolean;
}

const temperature: Range = { expected: "temperatures above 0", holds: (value) => value > 0 };
const precision: Range = { expected: "precisions of at least 0", holds: (value) => value >= 0 };
const divisor: Range = {
  expected: "precisions above 0, which cccp divides by",
  holds: (value) => value > 0,
};
const membership: Range = {
  expected: "1 where a motif has the edge, and 0 elsewhere",
  holds: (value) => value === 0 || value === 1,
};

/** Ranges of a model's inputs, by name: of parameters and masks, whose numbers the model cannot see. */
export function rangesOf(model: Model): Map<string, Range> {
  const latents = isLatentModel(model) ? model.latents : [];
  // The concave–convex step divides by a latent's precision.
  const own = isLatentModel(model) && model.inference.kind === "cccp" ? divisor : precision;
  return new Map([
    ...edgesOf(model).flatMap(edgeRanges),
    ...latents.flatMap((latent) => ranged(latent.precision, own)),
  ]);
}

function edgeRanges({ temperature: t, potential, graph, inference }: EdgeModel): [string, Range][] {
  const support = motifsOf(graph)?.support;
  return [
    ...ranged(t, temperature),
    ...potentialRanges(potential),
    ...(inference.kind === "em" ? ranged(inference.valuePrecision, precision) : []),
    ...(support === undefined ? [] : [[support, membership] as [string, Range]]),
  ];
}

function potentialRanges(potential: Potential): [string, Range][] {
  if ("of" in potential) return potentialRanges(potential.of);
  return "precision" in potential ? ranged(potential.precision, precision) : [];
}

const ranged = (quantity: Quantity, range: Range): [string, Range][] =>
  typeof quantity === "number" ? [] : [[quantity.parameter, range]];
