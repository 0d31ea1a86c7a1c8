/** The mechanisms that can be looked at, by the name that the command line has for them. */
import { edgeMechanisms } from "./edges.ts";
import { iteratedMechanisms } from "./iterated.ts";
import { latentMechanisms } from "./latent.ts";
import type { Mechanism } from "./mechanism.ts";
import { structuredMechanisms } from "./structured.ts";

export const mechanisms: Readonly<Record<string, Mechanism>> = {
  ...edgeMechanisms,
  ...iteratedMechanisms,
  ...latentMechanisms,
  ...structuredMechanisms,
};

/** Groups for a list to choose from. */
export const mechanismGroups: readonly (readonly [title: string, names: readonly string[]])[] = [
  ["The posterior at once", Object.keys(edgeMechanisms)],
  ["Step by step", Object.keys(iteratedMechanisms)],
  ["A state that settles", Object.keys(latentMechanisms)],
  ["Edges that hang together", Object.keys(structuredMechanisms)],
];

/** @throws RangeError for a name of none */
export function mechanismOf(name: string): Mechanism {
  const found = mechanisms[name];
  if (found === undefined) throw new RangeError(`no mechanism ${name}`);
  return found;
}
