import { binary, load, type Size, size } from "../ir/expr.ts";
import { map } from "../ir/fold.ts";
import type { Step } from "../ir/program.ts";
import type { Seed } from "./freeEnergy.ts";

/** Direction along one feature of every node: the one whose number the scalar `direction` holds. */
export const unitDirection =
  (direction: string): Seed =>
  (at) =>
    binary("equal", at.at(-1) ?? 0, load(direction));

/** Products with the unit directions, one after the other: `columns` has them along its last dimension. */
export function columnSteps(
  name: string,
  width: Size,
  direction: string,
  steps: readonly Step[],
  kept: readonly { column: string; columns: string; shape: readonly Size[] }[],
): Step[] {
  return [
    map(`width of ${name}`, [], size(width)),
    {
      kind: "fixedPoint",
      name,
      state: [],
      blocks: [{ name: "one direction", steps, update: {} }],
      maxIterations: `width of ${name}`,
      iteration: direction,
      traces: kept.map(({ column, columns, shape }) => ({ tensor: columns, of: column, shape })),
      history: {},
      iterations: `directions of ${name}`,
      gradient: "unrolled",
    },
  ];
}
