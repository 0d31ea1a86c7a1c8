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
import { reads } from "../../ir/reads.ts";
import { sizesOf } from "../../ir/spec.ts";
import { byOffset } from "./kernel/byOffset.ts";
import { countedKernel, isCounted } from "./kernel/counted.ts";
import type { Storage } from "./kernel/frame.ts";
import { type Kernel, plainVariant, type Variant } from "./kernel/kernel.ts";
import { mapVariant } from "./kernel/map/variant.ts";
import { offsetsKernel } from "./kernel/offsets.ts";
import { mapKernel, normalisingKernel, weightedKernel } from "./kernel/plain.ts";
import { competingVariant, isContestOf } from "./kernel/tile/competing.ts";
import { isPosteriorOf, narrowVariant } from "./kernel/tile/narrow.ts";
import { tiledVariant } from "./kernel/tile/variant.ts";
import { posteriorBefore, rewritten } from "./rewrite.ts";
import { separated } from "./separate.ts";

/** A step as it is run. */
export type LoweredStep =
  | {
      readonly kind: "kernels";
      readonly step: FoldOrMap;
      readonly variants: readonly Variant[];
      /** What its first variant is, in words. */
      readonly form: string;
      /** Why a fold has no variant of tiles. */
      readonly untiled?: string;
    }
  /** Two folds: as one where that applies, else one after the other. */
  | {
      readonly kind: "pair";
      readonly together: Variant;
      readonly apart: readonly [KernelStep, KernelStep];
    }
  | { readonly kind: "fixedPoint"; readonly step: FixedPoint; readonly body: Scope }
  | { readonly kind: "routine"; readonly step: RoutineStep }
  /** End of a block: states take their new values, all together. */
  | {
      readonly kind: "update";
      readonly moves: readonly (readonly [state: string, from: string])[];
    };

export type KernelStep = Extract<LoweredStep, { kind: "kernels" }>;

/** Steps in a row, and how long they need what they define. */
export interface Scope {
  readonly steps: readonly LoweredStep[];
  /** Tensors that are read once all steps have run. */
  readonly wanted: readonly string[];
  /** The last step that reads a tensor; absent for those that are wanted. */
  readonly lastUse: ReadonlyMap<string, number>;
}

export interface LoweredProgram {
  readonly program: Program;
  readonly body: Scope;
  /** Inputs that hold whole numbers: the lists of edges. */
  readonly lists: ReadonlySet<string>;
  /** Fixed points' counts that sizes, or caps of other fixed points, are made of. */
  readonly counts: ReadonlySet<string>;
}

type FoldOrMap = NodeMap | NormalisingFold | WeightedFold;

export interface LowerOptions {
  readonly relaxedSimd: boolean;
}

export function lower(given: Program, { relaxedSimd }: LowerOptions): LoweredProgram {
  const better = rewritten(given);
  const program = { ...better, steps: separated(better.steps) };
  const lists = listTensors(program.steps);
  const storage = (tensor: string): Storage => (lists.has(tensor) ? "i32" : "f32");
  let count = 0;
  const options = { storage, fused: relaxedSimd };
  const kernelStep = (step: FoldOrMap): KernelStep => ({
    kind: "kernels",
    step,
    ...variantsOf(`step${count++}`, step, options),
  });
  const lowerStep = (step: Step): LoweredStep => {
    switch (step.kind) {
      case "map":
      case "weigh":
      case "normalise":
        return kernelStep(step);
      case "routine":
        return { kind: "routine", step };
      case "fixedPoint": {
        const steps = step.blocks.flatMap((block): LoweredStep[] => [
          ...lowerSteps(block.steps),
          { kind: "update", moves: Object.entries(block.update) },
        ]);
        const active = step.active === undefined ? [] : [step.active];
        const wanted = [...step.traces.map(({ of }) => of), ...active];
        return { kind: "fixedPoint", step, body: scope(steps, wanted) };
      }
      default:
        return step satisfies never;
    }
  };
  const lowerSteps = (steps: readonly Step[]): LoweredStep[] => {
    const made: LoweredStep[] = [];
    for (let k = 0; k < steps.length; k++) {
      const [step, next] = [steps[k] as Step, steps[k + 1]];
      const together = togetherOf(`step${count}`, step, next, options);
      if (together === undefined) {
        made.push(lowerStep(step));
        continue;
      }
      count++;
      const apart = [kernelStep(step as FoldOrMap), kernelStep(next as FoldOrMap)] as const;
      made.push({ kind: "pair", together, apart });
      k++;
    }
    return made;
  };
  const body = scope(lowerSteps(program.steps), Object.values(program.outputs));
  return { program, body, lists, counts: countsOf(program) };
}

function scope(steps: readonly LoweredStep[], wanted: readonly string[]): Scope {
  const lastUse = new Map<string, number>();
  steps.forEach((lowered, k) => {
    for (const name of readsOf(lowered)) lastUse.set(name, k);
  });
  for (const name of wanted) lastUse.delete(name);
  return { steps, wanted, lastUse };
}

/** Tensors that a step reads, those that its blocks only pass on included. */
function readsOf(lowered: LoweredStep): string[] {
  switch (lowered.kind) {
    case "update":
      return lowered.moves.map(([, from]) => from);
    case "fixedPoint": {
      const { steps, wanted } = lowered.body;
      return [...reads(lowered.step), ...wanted, ...steps.flatMap(readsOf)];
    }
    case "pair":
      return lowered.apart.flatMap(readsOf);
    default:
      return [...reads(lowered.step)];
  }
}

/** Counts of iterations that the lengths of something else depend on. */
function countsOf({ inputs, steps }: Program): Set<string> {
  const sizes = [...inputs.flatMap(({ shape }) => shape), ...steps.flatMap(sizesOf)];
  const names = sizes.flatMap((size) => /^(.*)#/.exec(String(size))?.[1] ?? []);
  const caps = (step: Step): string[] =>
    step.kind !== "fixedPoint"
      ? []
      : [
          ...(typeof step.maxIterations === "string" ? [step.maxIterations] : []),
          ...step.blocks.flatMap((block) => block.steps.flatMap(caps)),
        ];
  return new Set([...names, ...steps.flatMap(caps)]);
}

/** Two folds as one: the second weighs by the posterior of the first, or takes shares of it. */
function togetherOf(
  name: string,
  first: Step,
  second: Step | undefined,
  options: KernelOptions,
): Variant | undefined {
  if (first.kind !== "normalise") return undefined;
  if (second?.kind === "normalise" && isContestOf(first, second))
    return competingVariant(name, first, second, options);
  if (second?.kind !== "weigh" || posteriorBefore(second, [first]) === undefined) return undefined;
  return isPosteriorOf(first, second) ? narrowVariant(name, first, second, options) : undefined;
}

interface KernelOptions {
  readonly storage: (tensor: string) => Storage;
  readonly fused: boolean;
}

/** Ways to run a step, the fastest first. */
function variantsOf(
  name: string,
  step: FoldOrMap,
  options: KernelOptions,
): Pick<KernelStep, "variants" | "form" | "untiled"> {
  const form = "plain loops";
  const short = shortVariant(name, step, options.storage);
  if (short !== undefined) return { variants: [short], form };
  const plain = plainVariant(() => plainKernel(`${name}plain`, step, options.storage));
  if (step.kind === "map") {
    const parts = mapVariant(name, step, options);
    if (parts === undefined) return { variants: [plain], form };
    return { variants: [parts.variant, plain], form: parts.form };
  }
  const tiled = tiledVariant(name, step, options);
  return typeof tiled === "string"
    ? { variants: [plain], form, untiled: tiled }
    : { variants: [tiled, plain], form: "tiles of receivers by senders" };
}

/** Evidence that need not look at every edge. */
function shortVariant(
  name: string,
  step: FoldOrMap,
  storage: KernelOptions["storage"],
): Variant | undefined {
  if (step.kind !== "normalise") return undefined;
  if (isCounted(step)) return plainVariant(() => countedKernel(name, step, storage));
  const form = byOffset(step);
  return form && plainVariant(() => offsetsKernel(name, step, form, storage));
}

function plainKernel(name: string, step: FoldOrMap, storage: (tensor: string) => Storage): Kernel {
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
export function firstKernels({ steps }: Scope): Kernel[] {
  return steps.flatMap((lowered) => {
    if (lowered.kind === "kernels") return lowered.variants[0]?.kernels ?? [];
    // Which of its forms a pair takes, lengths decide.
    return lowered.kind === "fixedPoint" ? firstKernels(lowered.body) : [];
  });
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
