import type { Expr, LoadExpr, Size } from "../../../ir/expr.ts";
import type { TensorSpec } from "../../../ir/program.ts";
import type { StepLowering } from "../../engine.ts";
import { Code } from "../assembler/code.ts";
import { Frame, kernelParams, type Scratch, type Slot, type Storage } from "./frame.ts";
import { Scalars } from "./scalars.ts";

/** One function of a module, and what a call must know to run it. */
export interface Kernel {
  readonly code: Code;
  readonly slots: readonly Slot[];
  readonly scratches: readonly Scratch[];
  /** Loads that report when they leave their tensor, by number. */
  readonly checkedLoads: readonly LoadExpr[];
  /** Extents whose product is the number of tasks; tasks may run in any order, on any thread. */
  readonly tasks: readonly Size[];
  /** Receivers of one task, where tasks are blocks of the last extent. */
  readonly taskRows: number;
  /** Tensors whose dimension must have the axis's extent, or tasks would write to one place. */
  readonly owned: readonly {
    readonly tensor: string;
    readonly dimension: number;
    readonly size: Size;
  }[];
  readonly defines: readonly TensorSpec[];
  /** The fold's name among the counters; absent for maps. */
  readonly counts: string | undefined;
  /** What an error about a number says that it came from. */
  readonly logWeight: Expr | undefined;
  /** What the step became, in words, and why nothing faster; plain loops when left out. */
  readonly form?: Pick<StepLowering, "lowered" | "reason">;
  /** Work of a call, in edges or points. */
  readonly work: readonly Size[];
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
