/** Programs as kernels: which step becomes which function of the module. */
import type {
  FixedPoint,
  NodeMap,
  NormalisingFold,
  Program,
  RoutineStep,
  Step,
  WeightedFold,
} from "../../ir/program.ts";
import { encode } from "./assembler/module.ts";
import type { Storage } from "./kernel/frame.ts";
import { calledImports } from "./kernel/functions.ts";
import { type Kernel, plainVariant, type Variant } from "./kernel/kernel.ts";
import { mapKernel, normalisingKernel, weightedKernel } from "./kernel/plain.ts";
import { libraryFunctions } from "./kernel/tile/library.ts";
import { tiledVariant } from "./kernel/tile/variant.ts";
import { mostPages } from "./memory.ts";

/** A step as it is run. */
export type LoweredStep =
  | { readonly kind: "kernels"; readonly step: Step; readonly variants: readonly Variant[] }
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
  /** Inputs that hold whole numbers: the lists of edges. */
  readonly lists: ReadonlySet<string>;
}

export interface LowerOptions {
  readonly relaxedSimd: boolean;
}

export function lower(program: Program, { relaxedSimd }: LowerOptions): LoweredProgram {
  const lists = listTensors(program.steps);
  const storage = (tensor: string): Storage => (lists.has(tensor) ? "i32" : "f32");
  let count = 0;
  const lowerStep = (step: Step): LoweredStep => {
    switch (step.kind) {
      case "map":
      case "weigh":
      case "normalise":
        return {
          kind: "kernels",
          step,
          variants: variantsOf(`step${count++}`, step, { storage, fused: relaxedSimd }),
        };
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
  return { program, steps: program.steps.map(lowerStep), lists };
}

interface KernelOptions {
  readonly storage: (tensor: string) => Storage;
  readonly fused: boolean;
}

/** Ways to run a step, the fastest first. */
function variantsOf(
  name: string,
  step: NodeMap | NormalisingFold | WeightedFold,
  options: KernelOptions,
): readonly Variant[] {
  const plain = plainVariant(() => plainKernel(`${name}plain`, step, options.storage));
  if (step.kind === "map") return [plain];
  const tiled = tiledVariant(name, step, options);
  return typeof tiled === "string" ? [plain] : [tiled, plain];
}

function plainKernel(
  name: string,
  step: NodeMap | NormalisingFold | WeightedFold,
  storage: (tensor: string) => Storage,
): Kernel {
  switch (step.kind) {
    case "map":
      return mapKernel(name, step, storage);
    case "weigh":
      return weightedKernel(name, step, storage);
    case "normalise":
      return normalisingKernel(name, step, storage);
    default:
      return step satisfies never;
  }
}

/** The first variant of every step, those of blocks included: what most calls run. */
export function firstKernels(steps: readonly LoweredStep[]): Kernel[] {
  return steps.flatMap((lowered) => {
    switch (lowered.kind) {
      case "kernels":
        return lowered.variants[0]?.kernels ?? [];
      case "fixedPoint":
        return lowered.blocks.flatMap(({ steps: inner }) => firstKernels(inner));
      case "routine":
        return [];
      default:
        return lowered satisfies never;
    }
  });
}

/** Bytes of a module of kernels. */
export function moduleOf(
  kernels: readonly Kernel[],
  { shared, fused }: { readonly shared: boolean; readonly fused: boolean },
): Uint8Array<ArrayBuffer> {
  const functions = [...libraryFunctions(fused), ...kernels.map(({ code }) => code)];
  return encode(calledImports, functions, { shared, most: mostPages });
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
