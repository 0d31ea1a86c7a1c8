import { EdgewiseError } from "../errors/edgewiseError.ts";
import { suggest } from "../errors/nearest.ts";
import { checkOptions } from "../errors/options.ts";
import type { Program } from "../ir/program.ts";
import type { Engine } from "./engine.ts";
import { engineFeatures, usualThreads } from "./features.ts";

export interface EngineOptions {
  /** Threads that share the work of large calls, on engines that have them. */
  readonly threads?: number;
}

interface Known {
  readonly name: string;
  readonly uses: () => Pick<Verdict, "precision" | "threads" | "simd" | "relaxedSimd">;
  /** What the engine needs and this runtime lacks. */
  readonly lacks: () => string | undefined;
  readonly load: (options?: EngineOptions) => Promise<Engine>;
}

/** Engines from the fastest to the slowest, imported when they are needed. */
const engines: readonly Known[] = [
  {
    name: "wasm",
    uses: () => {
      const { simd, relaxedSimd, sharedMemory, cores } = engineFeatures();
      return {
        precision: "float32",
        threads: sharedMemory ? Math.min(usualThreads, cores) : 1,
        simd,
        relaxedSimd,
      };
    },
    lacks: () =>
      engineFeatures().simd ? undefined : "this runtime has no WebAssembly SIMD, or may not use it",
    load: async (options) => (await import("./wasm/index.ts")).wasm(options),
  },
  {
    name: "reference",
    uses: () => ({ precision: "float64", threads: 1, simd: false, relaxedSimd: false }),
    lacks: () => undefined,
    load: async () => (await import("./reference/index.ts")).reference(),
  },
];

export const engineNames: readonly string[] = engines.map(({ name }) => name);

/** What one engine says to a program. */
export interface Verdict {
  readonly name: string;
  readonly runs: boolean;
  /** Why it does not run the program, or does not run here; empty when it does. */
  readonly reasons: readonly string[];
  /** Of what it answers. */
  readonly precision: "float32" | "float64";
  /** Most threads that can share its work here. */
  readonly threads: number;
  /** Whether it has vectors here, and the instructions that multiply and add at once. */
  readonly simd: boolean;
  readonly relaxedSimd: boolean;
}

/** Engines that are alive: whoever asks again gets the same one, and its memory. */
const alive = new Map<string, Promise<Engine>>();

function shared({ name, load }: Known): Promise<Engine> {
  const known = alive.get(name);
  if (known !== undefined) return known;
  const forget = (): boolean => alive.get(name) === made && alive.delete(name);
  const made = load().then((engine) => {
    const end = engine.dispose.bind(engine);
    // Whoever asks after its end gets another.
    const dispose = (): void => {
      forget();
      end();
    };
    return Object.assign(engine, { dispose });
  });
  alive.set(name, made);
  made.catch(forget);
  return made;
}

/** The engine, or why it does not run here. */
async function here(known: Known): Promise<Engine | string> {
  const lacks = known.lacks();
  if (lacks !== undefined) return lacks;
  return shared(known).catch((error: Error) => error.message);
}

/**
 * Engine by name: the one that all calls of this process share, or with options one of its own,
 * which its caller disposes of.
 *
 * @throws bad_option when there is none of that name, or threads where it has none; engine_cannot
 *   when it does not run here
 */
export async function engineNamed(name: string, options?: EngineOptions): Promise<Engine> {
  const known = engines.find((engine) => engine.name === name);
  if (known === undefined)
    throw new EdgewiseError({
      code: "bad_option",
      where: "engine",
      got: name,
      expected: `one of ${engineNames.join(", ")}`,
      fix: suggest(name, engineNames, "leave the engine out to get the fastest"),
    });
  if (options !== undefined) checkOptions(options, ["threads"], "engineNamed");
  const lacks = known.lacks();
  if (lacks !== undefined) throw cannotHere(name, lacks);
  checkThreads(name, options?.threads);
  return options === undefined ? shared(known) : known.load(options);
}

function cannotHere(name: string, lacks: string): EdgewiseError {
  return new EdgewiseError({
    code: "engine_cannot",
    where: "engine",
    got: `${name} cannot run here: ${lacks}`,
    expected: "an engine that runs here: reference runs everywhere",
    fix: "name the engine reference, or leave the engine out to get the fastest",
  });
}

function checkThreads(name: string, threads: number | undefined): void {
  if (threads === undefined || (name === "reference" && threads === 1)) return;
  const isCount = Number.isInteger(threads) && threads >= 1;
  if (isCount && name !== "reference") return;
  throw new EdgewiseError({
    code: "bad_option",
    where: "engine",
    got: `threads: ${threads}${isCount ? ` for ${name}` : ""}`,
    expected: isCount ? "an engine that has threads: wasm" : "a whole number of at least 1",
    fix: isCount ? "name the engine wasm, or leave threads out" : "write threads: 2",
  });
}

async function asked(known: Known, program: Program): Promise<Verdict & { engine?: Engine }> {
  const { name } = known;
  const engine = await here(known);
  if (typeof engine === "string") return { name, runs: false, reasons: [engine], ...known.uses() };
  const reasons = engine.supports(program).map(({ step, reason }) => `${step}: ${reason}`);
  return { name, runs: reasons.length === 0, reasons, ...known.uses(), engine };
}

/** What every engine says to a program, the fastest first. */
export async function verdicts(program: Program): Promise<readonly Verdict[]> {
  const all = await Promise.all(engines.map((known) => asked(known, program)));
  return all.map(({ engine: _, ...verdict }) => verdict);
}

/** Fastest engine that can run a program. @throws engine_cannot with every engine's reason */
export async function choose(program: Program): Promise<Engine> {
  const refused: string[] = [];
  for (const known of engines) {
    const { name, runs, reasons, engine } = await asked(known, program);
    if (runs && engine !== undefined) return engine;
    refused.push(`${name} cannot run this: ${reasons[0]}`);
  }
  throw new EdgewiseError({
    code: "engine_cannot",
    where: program.name,
    got: refused.join("; "),
    expected: "an engine that runs every step",
    fix: "declare the model in words that one of the engines runs",
  });
}

/**
 * Ends the engines that were chosen or named so far, their memory and their threads; the next
 * choice makes new ones. What was prepared on them cannot be called any more.
 */
export async function disposeEngines(): Promise<void> {
  const ended = [...alive.values()];
  alive.clear();
  const settled = await Promise.allSettled(ended);
  for (const one of settled) if (one.status === "fulfilled") one.value.dispose();
}
