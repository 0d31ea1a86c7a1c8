/** A model timed against plain attention, in turns. */
import { type Engine, explain, type Model, prepare, self } from "edgewise";
import { inputsOf, masksOf, nodesOf } from "./calling.ts";
import type { Declaration } from "./declaration.ts";
import { at, kindOf } from "./document.ts";
import { engineOf } from "./engines.ts";
import { modelOf } from "./explainer.ts";
import { drawn, numbersIn, type Tensors } from "./tensors.ts";

export interface Timed {
  readonly engine: string;
  readonly nodes: number;
  readonly features: number;
  /** Milliseconds of each round. */
  readonly own: readonly number[];
  readonly plain: readonly number[];
}

/** Rounds that count: one before them warms up. */
const rounds = 7;
const features = 64;

/** Nodes on which a model is timed: few where work grows with their cube, or their factorial. */
function nodesFor(model: Model, engine: string): number {
  const structure = at(model, ["structure", "kind"]);
  if (at(model, ["structure", "method"]) === "exact") return 8;
  if (structure === "dependencyTree" || structure === "perfectMatching") return 128;
  if (at(model, ["inference", "kind"]) === "ridge") return 256;
  return engine === "wasm" ? 1024 : 128;
}

/**
 * @param share of the nodes that are taken
 * @throws EdgewiseError where the model cannot run on as many nodes
 */
export async function timed(declaration: Declaration, share = 1): Promise<Timed> {
  const model = modelOf(declaration);
  const told = await explain(model);
  const engine = await engineOf(told.engine);
  const nodes = await fitting(model, engine, Math.round(share * nodesFor(model, engine.name)));
  const own = await calling(model, engine, nodes);
  const plain = await calling(self(), engine, nodes);
  const times = { own: [] as number[], plain: [] as number[] };
  for (let round = 0; round <= rounds; round++)
    for (const [which, call] of [["own", own] as const, ["plain", plain] as const]) {
      const started = performance.now();
      await call();
      if (round > 0) times[which].push(performance.now() - started);
    }
  return { engine: engine.name, nodes, features, ...times };
}

/** Most numbers that are drawn: 64 megabytes of them. */
const mostNumbers = 2 ** 24;

/** Half as many nodes, and half again, while a model takes more numbers than that. */
async function fitting(model: Model, engine: Engine, most: number): Promise<number> {
  const { program } = await prepare(model, { engine });
  const specs = inputsOf(model, program);
  const numbers = (count: number): number =>
    numbersIn(specs, { lengths: lengthsOf(model, count), free: features });
  let nodes = most;
  while (nodes > 8 && numbers(nodes) > mostNumbers) nodes = Math.floor(nodes / 2);
  return Math.max(8, nodes);
}

/** A call of a model on drawn tensors of so many nodes. */
async function calling(model: Model, engine: Engine, nodes: number): Promise<() => unknown> {
  const ready = await prepare(model, { engine });
  const specs = inputsOf(model, ready.program);
  const tensors: Tensors = drawn(
    specs,
    {},
    {
      lengths: lengthsOf(model, nodes),
      free: features,
      nodes: kindOf(model) === "joint" ? new Set(specs.map(({ name }) => name)) : nodesOf(model),
      masks: masksOf(model),
      count: nodes,
    },
  );
  const options = { seed: 1 };
  return engine.runSync === undefined
    ? () => ready(tensors, options)
    : () => ready.sync(tensors, options);
}

/** Lengths of letters: those of nodes, of features, and few of everything else. */
function lengthsOf(model: Model, nodes: number): Map<string, number> {
  const query = at(model, ["nodes", "query", "shape"]);
  // Where receivers are a batch, as those of a classifier are, the batch is the nodes.
  const isBatch = Array.isArray(query) && !query.includes("N");
  const layers = Array.from({ length: 64 }, (_, k) => [`n${k}`, nodes] as const);
  return new Map<string, number>([
    ...layers,
    ...(["N", "M", "T"] as const).map((letter) => [letter, nodes] as const),
    ...[
      ["B", isBatch ? nodes : 1] as const,
      ["G", 1] as const,
      ["K", hasMotifs(model) ? 3 : 8] as const,
    ],
    // Blocks of features: as many as there are features, all together.
    ...[["H", hasBlocks(model) ? 4 : 1] as const, ["C", hasBlocks(model) ? 16 : features] as const],
  ]);
}

const hasMotifs = (model: Model): boolean => masksOf(model).size > 0;
const hasBlocks = (model: Model): boolean => JSON.stringify(model).includes('"H*C"');
