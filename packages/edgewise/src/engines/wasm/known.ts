/** What is known before a step of a plan: names and sizes in reach, and which memory is in use. */
import type { TensorSpec } from "../../ir/program.ts";
import { Environment } from "../shared/bindings.ts";
import type { Arena, Block } from "./arena.ts";
import type { Scope } from "./lower.ts";
import { dense, type Placed } from "./placed.ts";

export class Known {
  readonly environment: Environment<Placed>;
  readonly arena: Arena;
  /** Memory of the tensors that the scope itself defines. */
  readonly blocks: Map<string, Block>;
  /** Counts of iterations, by the tensor that will hold them. */
  readonly counts: Map<string, number>;

  constructor(
    environment: Environment<Placed>,
    arena: Arena,
    blocks: Map<string, Block> = new Map(),
    counts: Map<string, number> = new Map(),
  ) {
    this.environment = environment;
    this.arena = arena;
    this.blocks = blocks;
    this.counts = counts;
  }

  /** The same, to go on from separately. */
  fork(): Known {
    return this.forked(new Map(this.blocks));
  }

  /** The same for the steps of a block, which give back nothing but their own tensors. */
  inner(): Known {
    return this.forked(new Map());
  }

  private forked(blocks: Map<string, Block>): Known {
    const environment = new Environment(this.environment);
    return new Known(environment, this.arena.fork(), blocks, new Map(this.counts));
  }

  /** Gives a tensor its memory. */
  place(name: string, shape: readonly number[], storage: Placed["storage"] = "f32"): Placed {
    const count = shape.reduce((product, extent) => product * extent, 1);
    const block = this.arena.take(4 * count);
    this.blocks.set(name, block);
    const placed = dense(block.address, shape, storage);
    this.environment.set(name, placed);
    return placed;
  }

  /** Takes back the memory of what no later step of the scope reads. */
  release({ wanted, lastUse }: Scope, step: number): void {
    for (const [name, block] of this.blocks) {
      if (wanted.includes(name) || (lastUse.get(name) ?? -1) > step) continue;
      this.arena.give(block);
      this.blocks.delete(name);
    }
  }

  shapeOf({ shape }: Pick<TensorSpec, "shape">): number[] {
    return shape.map((extent) => this.environment.size(extent));
  }
}
