/** Tensors for what a model takes and nobody gave. */
import { normals, type Tensor, uniforms } from "edgewise";
import type { TensorSpec } from "edgewise/ir";

export type Tensors = Readonly<Record<string, Tensor>>;

/** Lengths that letters have in tensors that were given. */
export function lengthsIn(specs: readonly TensorSpec[], given: Tensors): Map<string, number> {
  const lengths = new Map<string, number>();
  for (const { name, shape } of specs)
    shape.forEach((letter, k) => {
      const length = given[name]?.shape[k];
      if (typeof letter === "string" && length !== undefined) lengths.set(letter, length);
    });
  return lengths;
}

/** Length that a size of a shape means; letters that have none yet get the one for all of those. */
function lengthOf(size: number | string, lengths: Map<string, number>, free: number): number {
  if (typeof size === "number") return size;
  const known = lengths.get(size);
  if (known !== undefined) return known;
  if (size.endsWith("|1")) return 1;
  const of = (part: string): number => Number(part) || lengthOf(part, lengths, free);
  if (size.includes("*")) return size.split("*").reduce((product, part) => product * of(part), 1);
  const [, first, second] = /^(\w+)(?:\+(\w+))?-1$/.exec(size) ?? [];
  if (first !== undefined) return of(first) + (second === undefined ? 0 : of(second)) - 1;
  lengths.set(size, free);
  return free;
}

/** Numbers of all tensors of a program, where letters have some lengths. */
export const numbersIn = (
  specs: readonly TensorSpec[],
  { lengths, free }: Pick<Filling, "lengths" | "free">,
): number =>
  specs
    .map(({ shape }) =>
      shape.reduce<number>((product, size) => product * lengthOf(size, lengths, free), 1),
    )
    .reduce((sum, count) => sum + count, 0);

export interface Filling {
  /** Lengths of letters. */
  readonly lengths: Map<string, number>;
  /** Length of letters that have none. */
  readonly free: number;
  /** Tensors of nodes, whose features are normal; all others are drawn between 0 and 1. */
  readonly nodes: ReadonlySet<string>;
  /** Tensors of 0 and 1, which edges of a graph there are. */
  readonly masks: ReadonlySet<string>;
  /** How many nodes lists of edges are about. */
  readonly count: number;
}

/** The tensors of a program that were not given: drawn, the same ones every time. */
export function drawn(
  specs: readonly TensorSpec[],
  given: Tensors,
  { lengths, free, nodes, masks, count }: Filling,
): Tensors {
  const [normal, uniform] = [normals(1), uniforms(1)];
  const missing = specs.filter(({ name }) => !Object.hasOwn(given, name));
  return Object.fromEntries(
    missing.map(({ name, shape }): [string, Tensor] => {
      if (shape[0] === "E") return [name, ring(count)];
      const extents = shape.map((size) => lengthOf(size, lengths, free));
      const length = extents.reduce((product, extent) => product * extent, 1);
      const next = nodes.has(name) ? () => normal() / 8 : uniform;
      // Which nodes are annotated is said by 0 and 1: none is.
      if (name === "is_fixed" || masks.has(name))
        return [name, { data: zerosOrOnes(length, name !== "is_fixed", uniform), shape: extents }];
      return [name, { data: Float32Array.from({ length }, next), shape: extents }];
    }),
  );
}

/** Edges from each node to the next one, and from the last to the first. */
const ring = (count: number): Tensor => ({
  data: Int32Array.from({ length: 2 * count }, (_, k) => Math.floor((k + 1) / 2) % count),
  shape: [count, 2],
});

const zerosOrOnes = (length: number, isDrawn: boolean, uniform: () => number): Float32Array =>
  Float32Array.from({ length }, () => (isDrawn && uniform() < 0.5 ? 1 : 0));
