/**
 * What a kernel is told at each call: addresses, strides and extents, as a row of whole numbers.
 * Lengths are never part of a kernel, so one kernel serves them all.
 */

import type { Size } from "../../../ir/expr.ts";
import { type Code, get, type Local, load, type Value, w } from "../assembler/code.ts";

/** What a number that the host computes for a call may look at. */
export interface Bindings {
  extent(size: Size): number;
  shape(tensor: string): readonly number[];
  /** Bytes from one element to the next in each dimension; 0 where it broadcasts. */
  strides(tensor: string): readonly number[];
}

/** One number that a kernel asks for. */
export type Slot =
  | { readonly kind: "address"; readonly tensor: string }
  | { readonly kind: "stride"; readonly tensor: string; readonly dimension: number }
  | { readonly kind: "dimension"; readonly tensor: string; readonly dimension: number }
  | { readonly kind: "extent"; readonly size: Size }
  /** Bytes from a thread's working memory to a part of it. */
  | { readonly kind: "scratch"; readonly name: string }
  /** Working memory of the step, which all tasks of all its kernels share. */
  | { readonly kind: "temporary"; readonly name: string }
  /** A whole number that the host computes for a call. */
  | {
      readonly kind: "computed";
      readonly name: string;
      readonly of: (bindings: Bindings) => number;
    };

/** Working memory that each thread has to itself. */
export interface Scratch {
  readonly name: string;
  readonly bytes: (bindings: Bindings) => number;
}

/** Numbers of a tensor in the engine's memory: single precision, or whole numbers of a list. */
export type Storage = "f32" | "i32";

/** Where a thread tells what it did: the head of its working memory. */
export const report = {
  error: 0,
  /** Whether some owner's edges all have the log weight −∞. */
  vanished: 4,
  edges: 8,
  emptyRows: 16,
  detail: 24,
  /** Of a second fold that the kernel runs. */
  otherEdges: 40,
  otherEmptyRows: 48,
  otherVanished: 56,
  bytes: 64,
} as const;

export const failures = { notFinite: 1, outOfRange: 2, otherNotFinite: 3 } as const;

export class Frame {
  readonly slots: Slot[] = [];
  readonly scratches: Scratch[] = [];
  private readonly locals = new Map<string, Local>();
  private readonly code: Code;
  private readonly storage: (tensor: string) => Storage;

  constructor(code: Code, storage: (tensor: string) => Storage) {
    this.code = code;
    this.storage = storage;
  }

  storageOf(tensor: string): Storage {
    return this.storage(tensor);
  }

  address(tensor: string): Local {
    return this.slot({ kind: "address", tensor });
  }

  /** Bytes from one element to the next in a dimension; 0 where it broadcasts. */
  stride(tensor: string, dimension: number): Local {
    return this.slot({ kind: "stride", tensor, dimension });
  }

  dimension(tensor: string, dimension: number): Local {
    return this.slot({ kind: "dimension", tensor, dimension });
  }

  extent(size: Size): Value {
    return typeof size === "number"
      ? { op: "i32.const", args: [], immediates: [size], type: "i32" }
      : get(this.slot({ kind: "extent", size }));
  }

  /** Address of working memory, 16-byte aligned, with a vector to spare at its end. */
  scratch(name: string, bytes: Scratch["bytes"]): Local {
    const known = this.locals.get(name);
    if (known !== undefined) return known;
    this.scratches.push({ name, bytes });
    const offset = this.slot({ kind: "scratch", name });
    const local = this.code.preset("i32", w("i32.add", this.base, offset));
    this.locals.set(name, local);
    return local;
  }

  /** Address of working memory that the step's variant declares among its temporaries. */
  temporary(name: string): Local {
    return this.slot({ kind: "temporary", name });
  }

  /** Whole number that the host computes for a call; one of each name. */
  computed(name: string, of: (bindings: Bindings) => number): Local {
    return this.slot({ kind: "computed", name, of });
  }

  /** First address of the thread's working memory, where it reports. */
  get base(): Local {
    return this.code.params[3] as Local;
  }

  private slot(slot: Slot): Local {
    const key = JSON.stringify(slot);
    const known = this.locals.get(key);
    if (known !== undefined) return known;
    const place = load("i32.load", this.code.params[0] as Local, 4 * this.slots.length);
    this.slots.push(slot);
    const local = this.code.preset("i32", place);
    this.locals.set(key, local);
    return local;
  }
}

/** Parameters of every kernel: its numbers, first task, the one past the last, working memory. */
export const kernelParams = ["i32", "i32", "i32", "i32"] as const;
