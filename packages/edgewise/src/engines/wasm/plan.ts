/**
 * A call worked out before it happens: where every tensor stands, what each kernel is told, and how
 * many tasks it has. All of it follows from the inputs' shapes, as far as no count of iterations
 * is needed; there a segment ends, and the next one is planned when the count is known.
 */
import type { FixedPoint, RoutineStep } from "../../ir/program.ts";
import type { Kernel } from "./kernel/kernel.ts";
import type { Address } from "./memory.ts";
import type { Ready } from "./modules.ts";
import type { Placed } from "./placed.ts";

/** A kernel over all of its tasks. */
export interface KernelCall extends Ready {
  readonly kind: "kernel";
  readonly kernel: Kernel;
  /** Number of the step in its scope, those that report progress counted. */
  readonly part: number;
  /** Address of its numbers; from the segment's first one until the segment is whole. */
  params: Address;
  readonly tasks: number;
  readonly work: number;
  /** Threads that may share the tasks, and the working memory of each. */
  readonly threads: number;
  readonly scratch: Address;
  readonly scratchBytes: number;
  /** Shapes of the tensors of its checked loads. */
  readonly checkedShapes: readonly (readonly number[])[];
  /** Tensors that its log weights and condition read. */
  readonly weighed: ReadonlyMap<string, Placed>;
}

export type Operation =
  | KernelCall
  | { readonly kind: "clear"; readonly from: Address; to: Address }
  | { readonly kind: "copy"; readonly from: Placed; readonly to: Address };

/** Operations whose addresses are known together. */
export interface Segment {
  /** What the kernels are told, and where that is put. */
  readonly params: Int32Array;
  readonly paramsAt: Address;
  /** Memory that it needs, with what is planned to follow, and the largest tensor in it. */
  readonly reach: Address;
  readonly largest: Largest;
  /** Where the results of the routine before it go. */
  readonly arrivals: readonly { readonly role: string; readonly to: Placed }[];
  readonly operations: readonly Operation[];
  /** What comes after; absent in a scope's last segment. */
  readonly end: PlannedRoutine | PlannedFixedPoint | undefined;
  /** Tensors that the scope is wanted for; empty before the last segment. */
  readonly finals: readonly Placed[];
}

export interface Largest {
  readonly bytes: number;
  readonly what: string;
}

export interface PlannedRoutine {
  readonly kind: "routine";
  readonly step: RoutineStep;
  readonly part: number;
  readonly given: readonly { readonly role: string; readonly from: Placed }[];
  /** What is planned already of what follows. */
  readonly ahead: readonly Segment[];
  /** What comes next, given the shapes of the results. */
  next(shapes: RoutineShapes): Segment;
}

export type RoutineShapes = Readonly<Record<string, { readonly shape: readonly number[] }>>;

export interface PlannedFixedPoint {
  readonly kind: "fixedPoint";
  readonly step: FixedPoint;
  readonly part: number;
  /** Most iterations: a number, or where it stands. */
  readonly cap: number | Placed;
  readonly iteration: Address;
  readonly iterations: Address;
  /** States that are kept before each iteration, at the record's first bytes. */
  readonly histories: readonly { readonly from: Placed; readonly at: number }[];
  /** Where the first of the tensors that the body is wanted for go in a record. */
  readonly traces: readonly { readonly at: number; readonly count: number }[];
  readonly records: Address;
  readonly recordBytes: number;
  /** Records that there is room for at first; it grows with use. */
  capacity: number;
  /** Steps of one iteration. */
  readonly parts: number;
  readonly ahead: readonly Segment[];
  /** One iteration, with room for so many records. */
  body(capacity: number): Segment;
  next(count: number, capacity: number): Segment;
}
