/** Every program that the reference runs, by families. */
import type { Case } from "./cases.ts";
import { edgeCases } from "./catalogue/edges.ts";
import { inferredCases } from "./catalogue/inferred.ts";
import { latentCases } from "./catalogue/latent.ts";
import { offsetCases } from "./catalogue/offsets.ts";
import { operationCases } from "./catalogue/operations.ts";
import { programCases } from "./catalogue/programs.ts";
import { readingCases } from "./catalogue/readings.ts";

export const families: readonly (readonly [family: string, cases: readonly Case[]])[] = [
  ["edge models", edgeCases],
  ["readings", readingCases],
  ["latent models", latentCases],
  ["mixtures, windows and structures", inferredCases],
  ["evidence by offsets", offsetCases],
  ["operations", operationCases],
  ["programs", programCases],
];
