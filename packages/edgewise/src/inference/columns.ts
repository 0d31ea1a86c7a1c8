import { binary, load, type Size, size } from "../ir/expr.ts";
import { map } from "../ir/fold.ts";
import type { Step } from "../ir/program.ts";
import type { Seed } from "./freeEnergy.ts";

/** Direction along one feature of every node: the one whose number the scalar `direction` holds. */
export const unitDirection =
  (direction: string): Seed =>
  (at) =>
    binary("equal", at.at(-1) ?? 0, load(direction));

export interface Columns {
  readonly name: string;
  /** Scalar that holds which direction it is. */
  readonly direction: string;
  readonly width: Size;
  /** Tensors of one direction that are kept, and where they stand along a last dimension. */
  readonly kept: readonly { column: string; columns: string; shape: readonly Size[] }[];
}

/** Steps for a product with a direction, taken for every unit direction in turn. */
export function columnSteps(
  steps: readonly Step[],
  { name, direction, width, kept }: Columns,
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
