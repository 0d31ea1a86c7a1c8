import type { Expr, LoadExpr, Size } from "../../../ir/expr.ts";
import type { TensorSpec } from "../../../ir/program.ts";
import { Code } from "../assembler/code.ts";
import {
  type Bindings,
  Frame,
  kernelParams,
  type Scratch,
  type Slot,
  type Storage,
} from "./frame.ts";
import { Scalars } from "./scalars.ts";

/** A fold that a kernel runs besides its own. */
export interface OtherFold {
  /** Its name among the counters. */
  readonly counts: string;
  readonly logWeight: Expr;
}

/** One function of a module, and what a call must know to run it. */
export interface Kernel {
  readonly code: Code;
  readonly slots: readonly Slot[];
  readonly scratches: readonly Scratch[];
  /** Loads that report when they leave their tensor, by number. */
  readonly checkedLoads: readonly LoadExpr[];
  /** Number of tasks; they may run in any order, on any thread. */
  readonly tasks: (bindings: Bindings) => number;
  /** Tensors whose dimension must have the axis's extent, or tasks would write to one place. */
  readonly owned: readonly {
    readonly tensor: string;
    readonly dimension: number;
    readonly size: Size;
  }[];
  readonly defines: readonly TensorSpec[];
  /** Those of the tensors that it defines which it writes wholly; the others start at 0. */
  readonly overwrites: ReadonlySet<string>;
  /** The fold's name among the counters; absent for maps. */
  readonly counts: string | undefined;
  /** What an error about a number says that it came from. */
  readonly logWeight: Expr | undefined;
  /** Which edges of its fold exist; absent where all do. */
  readonly condition?: Expr | undefined;
  readonly other?: OtherFold;
  /** Rough work of a call, in edges or points: whether threads pay. */
  readonly work: (bindings: Bindings) => number;
}

/** Working memory of a step. */
export interface Temporary {
  readonly name: string;
  readonly bytes: (bindings: Bindings) => number;
  /** Whether it is 0 before the step's first kernel. */
  readonly zeroed: boolean;
}

/** One way to run a step. The first that applies is taken, and its code compiled when it is. */
export interface Variant {
  applies(bindings: Bindings): boolean;
  /** One after the other, each over all of its tasks. */
  readonly kernels: readonly Kernel[];
  readonly temporaries: readonly Temporary[];
}

/** The variant that always applies; its code is written when it is first looked at. */
export function plainVariant(write: () => Kernel): Variant {
  let kernels: readonly Kernel[] | undefined;
  return {
    applies: () => true,
    get kernels() {
      kernels ??= [write()];
      return kernels;
    },
    temporaries: [],
  };
}

/** What a kernel's code is written with. */
export interface Writer {
  readonly code: Code;
  readonly frame: Frame;
  readonly scalars: Scalars;
  readonly checkedLoads: LoadExpr[];
}

export function writer(name: string, storage: (tensor: string) => Storage): Writer {
  const code = new Code(name, kernelParams);
  const frame = new Frame(code, storage);
  const checkedLoads: LoadExpr[] = [];
  return { code, frame, scalars: new Scalars(code, frame, checkedLoads), checkedLoads };
}
