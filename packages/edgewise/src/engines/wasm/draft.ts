/** A segment of a plan while it is written. */
import { showShape } from "../../array/tensor.ts";
import { nodesOf } from "../../ir/expr.ts";
import { defines, type Step, type TensorSpec } from "../../ir/program.ts";
import type { Block } from "./arena.ts";
import { type Bindings, report, type Slot } from "./kernel/frame.ts";
import type { Kernel, Variant } from "./kernel/kernel.ts";
import type { Known } from "./known.ts";
import type { KernelStep, LoweredStep } from "./lower.ts";
import type { Address } from "./memory.ts";
import type { Ready } from "./modules.ts";
import { dense, type Placed, placedAs } from "./placed.ts";
import type { Largest, Operation, Segment } from "./plan.ts";

/** What planning needs of the engine and of the program. */
export interface Setting {
  readonly threads: number;
  /** Fixed points' counts that something else depends on. */
  readonly counts: ReadonlySet<string>;
  /** Kernels as they are called, compiled if they are not yet. */
  compiled(kernels: readonly Kernel[]): readonly Ready[];
}

/** Edges or points from which threads pay for themselves. */
const worthSharing = 2 ** 15;

export class Draft {
  private readonly setting: Setting;
  private readonly known: Known;
  private readonly arrivals: Segment["arrivals"];
  private readonly operations: Operation[] = [];
  private readonly params: number[] = [];
  private largest: Largest = { bytes: 0, what: "nothing" };

  constructor(setting: Setting, known: Known, arrivals: Segment["arrivals"]) {
    this.setting = setting;
    this.known = known;
    this.arrivals = arrivals;
  }

  finish(end: Segment["end"], finals: readonly Placed[] = []): Segment {
    // Nothing of this segment is in use above; what comes after it may write there.
    const paramsAt = this.known.arena.peak;
    for (const operation of this.operations)
      if (operation.kind === "kernel") operation.params += paramsAt;
    const ahead = end?.ahead ?? [];
    return {
      params: Int32Array.from(this.params),
      paramsAt,
      reach: Math.max(paramsAt + 4 * this.params.length, ...ahead.map(({ reach }) => reach)),
      largest: [this.largest, ...ahead.map(({ largest }) => largest)].reduce((a, b) =>
        b.bytes > a.bytes ? b : a,
      ),
      arrivals: this.arrivals,
      operations: this.operations,
      end,
      finals,
    };
  }

  /** A step by the first of its variants that applies. */
  variant({ step, variants }: KernelStep, part: number): void {
    // Variants may look at the shapes of what they will write.
    const made = this.placeAll(step);
    this.run(this.firstOf(variants), made, part);
  }

  /** Two folds as one, where that applies. */
  pair({ together, apart }: Extract<LoweredStep, { kind: "pair" }>, part: number): void {
    const made = apart.map(({ step }) => this.placeAll(step));
    if (together.applies(bindingsOf(this.known))) {
      this.run(together, made.flat(), part);
      return;
    }
    apart.forEach(({ variants }, k) => {
      this.run(this.firstOf(variants), made[k]!, part);
    });
  }

  private placeAll(step: Step): Placing[] {
    return distinct(defines(step)).map((spec) => ({
      name: spec.name,
      placed: this.place(spec),
    }));
  }

  /** The plain variant always applies. */
  private firstOf(variants: readonly Variant[]): Variant {
    const bindings = bindingsOf(this.known);
    return variants.find((one) => one.applies(bindings)) as Variant;
  }

  private run({ kernels, temporaries }: Variant, made: readonly Placing[], part: number): void {
    const { known, setting } = this;
    const bindings = bindingsOf(known);
    const ready = setting.compiled(kernels);
    const whole = new Set(kernels.flatMap(({ overwrites }) => [...overwrites]));
    const isIdle = kernels.some((kernel) => kernel.tasks(bindings) === 0);
    for (const { name, placed } of made)
      if (isIdle || !whole.has(name)) this.clear(placed.address, 4 * placed.count);
    const blocks = new Map<string, Block>();
    for (const { name, bytes, zeroed } of temporaries) {
      const size = bytes(bindings);
      const block = this.take(size, "working memory");
      blocks.set(name, block);
      if (zeroed) this.clear(block.address, size);
    }
    const places = new Map([...blocks].map(([name, { address }]) => [name, address]));
    kernels.forEach((kernel, k) => {
      this.kernel({ kernel, ready: ready[k]!, bindings, places, part });
    });
    for (const block of blocks.values()) known.arena.give(block);
  }

  private kernel({ kernel, ready, bindings, places, part }: KernelDraft): void {
    const tasks = kernel.tasks(bindings);
    const offsets = new Map(places);
    let scratchBytes: number = report.bytes;
    for (const { name, bytes } of kernel.scratches) {
      offsets.set(name, scratchBytes);
      scratchBytes += Math.ceil((bytes(bindings) + 64) / 64) * 64;
    }
    const threads = this.threadsFor(kernel, tasks, bindings);
    const scratch = this.take(threads * scratchBytes, "working memory");
    const params = 4 * this.params.length;
    for (const slot of kernel.slots) this.params.push(this.value(slot, bindings, offsets));
    const checkedShapes = kernel.checkedLoads.map(({ tensor }) => bindings.shape(tensor));
    const placed = (tensor: string): Placed => this.known.environment.get(tensor);
    const weighed = new Map(loadsOf(kernel).map((tensor) => [tensor, placed(tensor)]));
    this.operations.push({
      ...{ ...ready, kind: "kernel", kernel, part, params, tasks, threads, weighed },
      ...{ scratch: scratch.address, scratchBytes, checkedShapes, work: kernel.work(bindings) },
    });
    this.known.arena.give(scratch);
  }

  /** Tasks that would write to one place stay on one thread. */
  private threadsFor(kernel: Kernel, tasks: number, bindings: Bindings): number {
    if (kernel.work(bindings) < worthSharing) return 1;
    const isApart = kernel.owned.every(
      ({ tensor, dimension, size }) => bindings.shape(tensor)[dimension] === bindings.extent(size),
    );
    return isApart ? Math.min(this.setting.threads, tasks) : 1;
  }

  private value(slot: Slot, bindings: Bindings, offsets: ReadonlyMap<string, Address>): number {
    switch (slot.kind) {
      case "address":
        return this.known.environment.get(slot.tensor).address;
      case "stride":
        return bindings.strides(slot.tensor)[slot.dimension]!;
      case "dimension":
        return bindings.shape(slot.tensor)[slot.dimension]!;
      case "extent":
        return bindings.extent(slot.size);
      case "scratch":
      case "temporary":
        return offsets.get(slot.name)!;
      case "computed":
        return slot.of(bindings);
      default:
        return slot satisfies never;
    }
  }

  /** All states of a block take their new values together. */
  update(moves: readonly (readonly [state: string, from: string])[]): void {
    const { environment, arena } = this.known;
    const targets = new Set(moves.map(([state]) => state));
    const blocks: Block[] = [];
    const ready = moves.flatMap(([state, from]) => {
      if (state === from) return [];
      const to = environment.get(state);
      const source = placedAs(environment.get(from), to.shape);
      if (!targets.has(from)) return [{ to: to.address, source }];
      // A state that moves on itself is read before it does.
      const block = this.take(4 * source.count, from);
      blocks.push(block);
      this.copy(source, block.address);
      return [{ to: to.address, source: dense(block.address, to.shape, "f32") }];
    });
    for (const { to, source } of ready) this.copy(source, to);
    for (const block of blocks) arena.give(block);
  }

  copy(from: Placed, to: Address): void {
    this.operations.push({ kind: "copy", from, to });
  }

  private clear(from: Address, bytes: number): void {
    const last = this.operations.at(-1);
    const gap = last?.kind === "clear" ? from - last.to : -1;
    // Small gaps are the room behind a block.
    if (last?.kind === "clear" && gap >= 0 && gap < 128) last.to = from + bytes;
    else this.operations.push({ kind: "clear", from, to: from + bytes });
  }

  private place(spec: TensorSpec): Placed {
    const placed = this.known.place(spec.name, this.known.shapeOf(spec));
    this.measure(4 * placed.count, `${spec.name} ${showShape(placed.shape)}`);
    return placed;
  }

  private take(bytes: number, what: string): Block {
    this.measure(bytes, what);
    return this.known.arena.take(bytes);
  }

  private measure(bytes: number, what: string): void {
    if (bytes > this.largest.bytes) this.largest = { bytes, what };
  }
}

/** A tensor that a step defines, at its place. */
interface Placing {
  readonly name: string;
  readonly placed: Placed;
}

interface KernelDraft {
  readonly kernel: Kernel;
  readonly ready: Ready;
  readonly bindings: Bindings;
  readonly places: ReadonlyMap<string, Address>;
  readonly part: number;
}

/** Tensors that a kernel's log weights and condition read. */
function loadsOf({ logWeight, condition, other }: Kernel): string[] {
  const roots = [logWeight, condition, other?.logWeight].filter((e) => e !== undefined);
  return nodesOf(roots).flatMap((e) => (e.kind === "load" ? [e.tensor] : []));
}

const bindingsOf = ({ environment }: Known): Bindings => ({
  extent: (size) => environment.size(size),
  shape: (tensor) => environment.get(tensor).shape,
  strides: (tensor) => environment.get(tensor).strides,
});

/** The tensors of a list of results, each once. */
const distinct = (specs: readonly TensorSpec[]): TensorSpec[] => [
  ...new Map(specs.map((spec) => [spec.name, spec])).values(),
];
