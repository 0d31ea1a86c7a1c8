/** What a declaration comes to: its posterior on points, its program, kernels and engines. */
import { type Engine, explain, normals, prepare, self, type Tensor } from "edgewise";
import { print } from "edgewise/ir";
import { writeModel } from "edgewise/schema";
import { type Picture, pictureOf } from "../explore/picture.ts";
import type { Point } from "../state/view.ts";
import { type Declaration, modelOf } from "./declaration.ts";

export interface Explained {
  readonly picture: Picture;
  readonly program: string;
  readonly kernels: string;
  readonly document: string;
  readonly engines: readonly { readonly name: string; readonly says: string }[];
  readonly cost: string;
}

export async function explained(
  declaration: Declaration,
  points: readonly Point[],
  engine: Engine,
): Promise<Explained> {
  const model = modelOf(declaration);
  const read = ["posterior", "expectation", "entropy", "logEvidence"] as const;
  const ready = await prepare(model, { engine, read });
  const nodes: Tensor = {
    data: Float32Array.from(points.flat()),
    shape: [1, 1, points.length, 2],
  };
  const found = ready.sync({ query: nodes, key: nodes, value: nodes });
  const shape = nodes.shape;
  const told = await explain(model, { query: shape, key: shape, value: shape });
  const floats = (tensor: Tensor): Float32Array => Float32Array.from(tensor.data);
  const end = { labels: points.map((_, k) => String(k + 1)), nodes: points.map((_, k) => k) };
  const frame = {
    receivers: points,
    senders: points,
    weights: floats(found.posterior),
    entropy: floats(found.entropy),
    logEvidence: floats(found.logEvidence),
  };
  const ends = { receivers: end, senders: end, isOneSet: true };
  return {
    picture: pictureOf({ ...ends, frames: [frame], more: {}, totals: {} }, null, null),
    program: print(ready.program),
    kernels: engine.name === "wasm" ? ready.kernels() : `${engine.name} generates no kernels.`,
    document: writeModel(model),
    engines: told.engines.map(({ name, runs, reasons }) => ({
      name,
      says: runs ? (name === told.engine ? told.why : "runs it too") : reasons.join("; "),
    })),
    cost: `${told.cost?.edges ?? "?"} edges, ${told.cost?.flops ?? "?"} operations on ${points.length} nodes`,
  };
}

export interface Timed {
  readonly nodes: number;
  readonly milliseconds: number;
  readonly plainMilliseconds: number;
}

/** Nodes and features of a timing, and its rounds. */
const [nodes, features, rounds] = [1024, 64, 7];

/** Medians of this mechanism and of plain attention, in turns. */
export async function timed(declaration: Declaration, engine: Engine): Promise<Timed> {
  const read = ["expectation"] as const;
  const own = await prepare(modelOf(declaration), { engine, read });
  const plain = await prepare(self(), { engine, read });
  const normal = normals(1);
  const drawn = (): Tensor => ({
    data: Float32Array.from({ length: nodes * features }, () => normal() / 8),
    shape: [1, 1, nodes, features],
  });
  const inputs = { query: drawn(), key: drawn(), value: drawn() };
  const times: [number[], number[]] = [[], []];
  for (let round = 0; round <= rounds; round++)
    for (const [which, model] of [own, plain].entries()) {
      const started = performance.now();
      model.sync(inputs);
      // The first round warms up.
      if (round > 0) times[which as 0 | 1].push(performance.now() - started);
    }
  const [milliseconds, plainMilliseconds] = times.map(
    (list) => list.sort((a, b) => a - b)[Math.floor(list.length / 2)] as number,
  ) as [number, number];
  return { nodes, milliseconds, plainMilliseconds };
}

/** Where in a text an error lies, if it says so: characters from 0. */
export function placeIn(
  text: string,
  problem: string,
): readonly [from: number, to: number] | undefined {
  const at = /at character (\d+)/.exec(problem);
  if (at !== null) {
    const place = Math.min(Number(at[1]), text.length);
    return [place, place + 1];
  }
  const name = /(?:function|name|tensor) (\w+)/.exec(problem)?.[1];
  const from = name === undefined ? -1 : text.search(new RegExp(`\\b${name}\\b`));
  return name === undefined || from < 0 ? undefined : [from, from + name.length];
}
