/** Explore's own thread: inference never holds the page up. */
import { type Engine, engineNamed } from "edgewise";
import type { View } from "../state/view.ts";
import type { Answer, Question } from "./client.ts";
import { infer } from "./infer.ts";

interface Chosen {
  readonly engine: Engine;
  readonly why: string;
}

let chosen: Promise<Chosen> | undefined;

/** WebAssembly where the browser has SIMD, else plain loops, and why. */
async function choose(): Promise<Chosen> {
  try {
    const engine = await engineNamed("wasm", { threads: 1 });
    return { engine, why: "this browser has WebAssembly with SIMD" };
  } catch (error) {
    const engine = await engineNamed("reference");
    return { engine, why: `no kernels of WebAssembly: ${(error as Error).message.split("\n")[0]}` };
  }
}

addEventListener("message", async ({ data: { id, view } }: MessageEvent<Question>) => {
  const answer = await answered(id, view);
  // What is large goes over without being copied.
  const large = answer.found?.frames.map(({ posterior }) => posterior.buffer) ?? [];
  postMessage(answer, { transfer: large as ArrayBuffer[] });
});

async function answered(id: number, view: View): Promise<Answer> {
  chosen ??= choose();
  const { engine, why } = await chosen;
  try {
    return { id, view, engine: engine.name, why, found: await infer(view, engine) };
  } catch (error) {
    return { id, view, engine: engine.name, why, problem: (error as Error).message };
  }
}
