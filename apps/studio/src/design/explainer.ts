/** What a declaration comes to: its posterior on data, its code, program, kernels and engines. */
import { EdgewiseError, explain, type Model, prepare, type Verdict } from "edgewise";
import { print } from "edgewise/ir";
import { readModel } from "edgewise/schema";
import type { Course, Data } from "../mechanisms/mechanism.ts";
import { callingOf } from "./calling.ts";
import type { Declaration } from "./declaration.ts";
import { engineOf } from "./engines.ts";
import { type Asked, looked } from "./looked.ts";
import { typescriptOf } from "./typescript.ts";

export interface Explained {
  /** Mechanism whose way of looking at data it is. */
  readonly through: string;
  /** Tensors that the data do not have, with their shapes: they were drawn. */
  readonly drawn: readonly string[];
  readonly engine: string;
  readonly why: string;
  readonly engines: readonly Verdict[];
  readonly cost: string;
  readonly typescript: string;
  readonly program: string;
  readonly kernels: string;
}

/** Rounds, draws and edges that a page may be asked for. */
const mostRounds = 10_000;
const counted = new Set([
  "maxIterations",
  "iterations",
  "count",
  "keyIterations",
  "valueIterations",
]);

/** The model of a declaration. @throws EdgewiseError where it is none, or too much for a page */
export function modelOf({ document }: Declaration): Model {
  const model = readModel(typeof document === "string" ? document : JSON.stringify(document));
  checkRounds(model);
  return model;
}

function checkRounds(given: unknown): void {
  if (typeof given !== "object" || given === null) return;
  for (const [key, value] of Object.entries(given)) {
    if (counted.has(key) && (value as number) > mostRounds)
      throw new EdgewiseError({
        code: "bad_option",
        where: "this page",
        got: `${key} ${value}`,
        expected: `at most ${mostRounds.toLocaleString("en")} of them here`,
        fix: `lower ${key}, or run the document with the library`,
      });
    checkRounds(value);
  }
}

/** Posterior of a declaration on data, and nothing else: for small pictures. */
export async function courseOf(declaration: Declaration, data: Data): Promise<Course> {
  const model = modelOf(declaration);
  return (await looked(declaration.base, model, data)).course;
}

/** All that is told of a declaration, and its posterior on data. @throws EdgewiseError */
export async function explained(
  declaration: Declaration,
  data: Data,
): Promise<{ readonly course: Course; readonly found: Explained }> {
  const model = modelOf(declaration);
  const told = await explain(model);
  const engine = await engineOf(told.engine);
  const { through, course, asked, drawn } = await looked(declaration.base, model, data);
  const ready = await prepare(model, { engine });
  const isWasm = engine.name === "wasm";
  const found = {
    ...{ through, drawn, engine: engine.name, why: told.why, engines: told.engines },
    cost: await costOf(asked),
    typescript: typescriptOf(JSON.parse(JSON.stringify(model)), callingOf(model, ready.program)),
    program: print(ready.program),
    kernels: isWasm ? ready.kernels() : `No kernels: ${told.why}.`,
  };
  return { course, found };
}

/** Edges and operations of a model on the data that it was looked at with. */
async function costOf(asked: Asked | undefined): Promise<string> {
  if (asked === undefined) return "";
  const { cost } = await explain(asked.model, asked.inputs, { read: asked.read });
  if (cost === undefined) return "";
  const [edges, flops] = [cost.edges, cost.flops].map((count) => count.toLocaleString("en"));
  return `${cost.isExact ? "" : "about "}${edges} edges, ${flops} operations`;
}
