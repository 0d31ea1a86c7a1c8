/** What `explain` loads when it is called. */
import { choose, verdicts } from "../engines/choose.ts";
import type { Engine, StepLowering } from "../engines/engine.ts";
import { type EngineFeatures, engineFeatures, mostThreads } from "../engines/features.ts";
import { compile } from "../inference/compile.ts";
import { nameOf, type Program, type Step } from "../ir/program.ts";
import { isEdgeModel, type Model } from "../model/model.ts";
import { costOf } from "./cost.ts";
import type { Explanation, Shapes } from "./explain.ts";
import { narrowed } from "./narrow.ts";

export async function explanation(
  model: Model,
  shapes: Shapes | undefined,
  read: readonly string[] | undefined,
): Promise<Explanation> {
  const whole = compile(model);
  const { program } = narrowed(model, whole, read);
  const engines = await verdicts(program);
  const engine = await choose(program);
  const declined = engines.slice(
    0,
    engines.findIndex(({ name }) => name === engine.name),
  );
  const features = engineFeatures();
  const precision = engines[declined.length]?.precision;
  const bytes = precision === "float32" ? 4 : 8;
  return {
    engine: engine.name,
    why: [
      ...declined.map(({ name, reasons }) => `${name} does not run it: ${reasons[0]}`),
      inWords(engine.name, features),
    ].join("; "),
    engines,
    faster: fasterThan(engine, features, isDense(model)),
    steps: stepsOn(engine, program),
    ...(shapes && { cost: await costOf(model, { whole, program }, shapes, bytes) }),
  };
}

function inWords(engine: string, { relaxedSimd }: EngineFeatures): string {
  if (engine !== "wasm")
    return `${engine} runs every program, in double precision with plain loops`;
  const fused = relaxedSimd ? " and fused multiply-add" : "";
  return `wasm is the fastest engine that runs every step: kernels in single precision with vectors${fused}`;
}

/** What would be faster than an engine here if it were there. */
export function fasterThan(
  { name, threads = 1 }: Pick<Engine, "name" | "threads">,
  { simd, relaxedSimd, sharedMemory, cores, inPage }: EngineFeatures,
  isDenseAttention: boolean,
): string[] {
  if (!simd)
    return ["WebAssembly SIMD: the engine wasm needs a runtime that has it and may use it"];
  if (name !== "wasm") return [];
  const most = Math.min(cores, mostThreads);
  const isolation =
    "threads: this page is not cross-origin isolated; serve it with Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp";
  return [
    ...(relaxedSimd ? [] : ["relaxed SIMD: a runtime that has it multiplies and adds at once"]),
    ...(inPage && !sharedMemory ? [isolation] : []),
    ...(sharedMemory && most > threads
      ? [`threads: await wasm({ threads: ${most} }) shares large calls among ${most}`]
      : []),
    ...(isDenseAttention && !inPage
      ? [
          "onnxruntime-node, which is not part of Edgewise: about twice as fast there at plain dense attention, with the wider vectors of native code (docs/performance.md)",
        ]
      : []),
  ];
}

/** Whether a model is attention as every runtime has it: dense, uniform, scaled dot product. */
function isDense(model: Model): boolean {
  if (!isEdgeModel(model)) return false;
  const { graph, prior, potential, choice, value, chooser, inference } = model;
  const words = [graph, prior, potential, choice, value, inference].map(({ kind }) => kind);
  return (
    chooser === "receiver" &&
    words.join(" ") === "complete uniform scaledDot categorical carried exact"
  );
}

function stepsOn(engine: Engine, program: Program): readonly StepLowering[] {
  if (engine.describe !== undefined) return engine.describe(program);
  const inside = (step: Step): Step[] =>
    step.kind === "fixedPoint"
      ? [step, ...step.blocks.flatMap(({ steps }) => steps.flatMap(inside))]
      : [step];
  const lowered = (step: Step): string => (step.kind === "routine" ? "a routine" : "plain loops");
  return program.steps
    .flatMap(inside)
    .map((step) => ({ step: nameOf(step), lowered: lowered(step) }));
}
