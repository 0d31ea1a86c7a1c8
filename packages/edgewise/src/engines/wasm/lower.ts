/** Programs as kernels: which step becomes which function of the module. */
import type { FixedPoint, Program, RoutineStep, Step } from "../../ir/program.ts";
import { encode } from "./assembler/module.ts";
import type { Storage } from "./kernel/frame.ts";
import { calledImports } from "./kernel/functions.ts";
import type { Kernel } from "./kernel/kernel.ts";
import { mapKernel, normalisingKernel, weightedKernel } from "./kernel/plain.ts";
import { mostPages } from "./memory.ts";

/** A step as it is run. */
export type LoweredStep =
  | { readonly kind: "kernels"; readonly step: Step; readonly kernels: readonly Kernel[] }
  | {
      readonly kind: "fixedPoint";
      readonly step: FixedPoint;
      readonly blocks: readonly {
        readonly steps: readonly LoweredStep[];
        readonly update: readonly (readonly [state: string, tensor: string])[];
      }[];
    }
  | { readonly kind: "routine"; readonly step: RoutineStep };

export interface LoweredProgram {
  readonly program: Program;
  readonly steps: readonly LoweredStep[];
  readonly kernels: readonly Kernel[];
  /** Inputs that hold whole numbers: the lists of edges. */
  readonly lists: ReadonlySet<string>;
}

export interface LowerOptions {
  readonly relaxedSimd: boolean;
}

export function lower(program: Program, _options: LowerOptions): LoweredProgram {
  const lists = listTensors(program.steps);
  const storage = (tensor: string): Storage => (lists.has(tensor) ? "i32" : "f32");
  const kernels: Kernel[] = [];
  const made = (kernel: Kernel): Kernel => {
    kernels.push(kernel);
    return kernel;
  };
  const lowerStep = (step: Step): LoweredStep => {
    const name = `step${kernels.length}`;
    switch (step.kind) {
      case "map":
        return { kind: "kernels", step, kernels: [made(mapKernel(name, step, storage))] };
      case "weigh":
        return { kind: "kernels", step, kernels: [made(weightedKernel(name, step, storage))] };
      case "normalise":
        return { kind: "kernels", step, kernels: [made(normalisingKernel(name, step, storage))] };
      case "routine":
        return { kind: "routine", step };
      case "fixedPoint": {
        const blocks = step.blocks.map(({ steps, update }) => ({
          steps: steps.map(lowerStep),
          update: Object.entries(update),
        }));
        return { kind: "fixedPoint", step, blocks };
      }
      default:
        return step satisfies never;
    }
  };
  return { program, steps: program.steps.map(lowerStep), kernels, lists };
}

/** Bytes of the module that holds a program's kernels. */
export function moduleOf({ kernels }: LoweredProgram, shared: boolean): Uint8Array<ArrayBuffer> {
  return encode(
    calledImports,
    kernels.map(({ code }) => code),
    { shared, most: mostPages },
  );
}

/** Tensors that name rows and alternatives of lists: whole numbers. */
function listTensors(steps: readonly Step[]): Set<string> {
  return new Set(
    steps.flatMap((step): string[] => {
      if (step.kind === "fixedPoint")
        return step.blocks.flatMap(({ steps: inner }) => [...listTensors(inner)]);
      if (step.kind !== "normalise" && step.kind !== "weigh") return [];
      const { list } = step.edges;
      return list === undefined ? [] : [list.rowStart, list.alternative];
    }),
  );
}
