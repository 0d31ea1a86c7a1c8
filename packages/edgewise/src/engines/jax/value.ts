/**
 * Values of expressions over loops: an array with one dimension for each loop that it depends on,
 * in the order of the step's loops.
 */
import type { Arr } from "./library.ts";

/** Numbers that follow from loops and lengths alone: computed here, in double precision. */
export interface Known {
  readonly kind: "known";
  readonly axes: readonly string[];
  readonly data: Float64Array;
}

/** Numbers that jax-js computes, or traces. */
export interface Traced {
  readonly kind: "traced";
  readonly axes: readonly string[];
  readonly array: Arr;
  /** Whether its elements are true and false, not numbers. */
  readonly isTest: boolean;
}

export type Value = Known | Traced;

export const scalar = (value: number): Known => ({
  kind: "known",
  axes: [],
  data: Float64Array.of(value),
});

/** Names and extents of a step's loops; values keep their dimensions in this order. */
export class Axes {
  private readonly order: string[] = [];
  private readonly extents = new Map<string, number>();

  declare(name: string, extent: number): void {
    if (!this.order.includes(name)) this.order.push(name);
    this.extents.set(name, extent);
  }

  extent(name: string): number {
    return this.extents.get(name) as number;
  }

  shapeOf(axes: readonly string[]): number[] {
    return axes.map((name) => this.extent(name));
  }

  countOf(axes: Iterable<string>): number {
    let count = 1;
    for (const name of axes) count *= this.extent(name);
    return count;
  }

  sorted(axes: Iterable<string>): string[] {
    const some = new Set(axes);
    return this.order.filter((name) => some.has(name));
  }

  union(of: readonly Value[]): string[] {
    return this.sorted(of.flatMap(({ axes }) => axes));
  }

  /** Elements of a known value at every point of some loops, in order. */
  spread({ axes, data }: Known, over: readonly string[]): Float64Array {
    if (axes.length === over.length) return data;
    const strides = new Map<string, number>();
    let stride = 1;
    for (const name of axes.toReversed()) {
      strides.set(name, stride);
      stride *= this.extent(name);
    }
    const made = new Float64Array(this.countOf(over));
    const at = over.map(() => 0);
    let offset = 0;
    for (let k = 0; k < made.length; k++) {
      made[k] = data[offset] as number;
      for (let level = over.length - 1; level >= 0; level--) {
        const name = over[level] as string;
        const step = strides.get(name) ?? 0;
        at[level] = (at[level] as number) + 1;
        offset += step;
        if ((at[level] as number) < this.extent(name)) break;
        at[level] = 0;
        offset -= step * this.extent(name);
      }
    }
    return made;
  }
}
