/**
 * Does the memory of expanding attention stay below twice its inputs and outputs?
 *
 *   node --conditions=edgewise-source --expose-gc packages/lab/bench/expandingMemory.ts
 *
 * Each case runs in a process of its own. `used` is the heap and the array buffers, inputs included,
 * at their highest while the closing fold runs, by when everything is allocated; `process` is how far
 * the whole process grew beyond its inputs, with what was not collected yet.
 */
import { spawnSync } from "node:child_process";
import { Console } from "node:console";
import { fileURLToPath } from "node:url";
import { type ExpandingOptions, expanding, normals, prepare, type Tensor } from "edgewise";
import { reference } from "edgewise/engines/reference";

interface Case {
  readonly heads: number;
  readonly nodes: number;
  readonly options: ExpandingOptions;
}

// Beta(1, 4): q is about 0.8.
const cases: readonly Case[] = [1, 8].flatMap((heads) =>
  (
    [{}, { growth: "posterior" }, { share: "group" }, { scheme: "exact" }] as ExpandingOptions[]
  ).map((options) => ({ heads, nodes: 16384, options })),
);

const width = 64;
const mebibytes = (bytes: number): number => Math.round((bytes / 2 ** 20) * 10) / 10;

async function measure({ heads, nodes, options }: Case): Promise<Record<string, unknown>> {
  const collect = (globalThis as { gc?: () => void }).gc ?? missing();
  const next = normals(1);
  const tensor = (count: number): Tensor => ({
    data: Float32Array.from({ length: heads * count * width }, next),
    shape: [1, heads, count, width],
  });
  const inputs = (count: number): Record<string, Tensor> => ({
    query: tensor(count),
    key: tensor(count),
    value: tensor(count),
  });
  const read = ["expectation", "continuation", "window", "iterations", "operations"];
  const attend = await prepare(expanding(options), { engine: reference(), read });
  // Code is compiled before anything is measured.
  attend.sync(inputs(256));
  const given = inputs(nodes);
  const used = (): number => {
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return heapUsed + arrayBuffers;
  };
  collect();
  const inputBytes = 3 * heads * nodes * width * 4;
  const before = used() - inputBytes;
  const grown = process.resourceUsage().maxRSS;
  let most = 0;
  const answer = attend.sync(given, {
    onProgress: () => {
      most = Math.max(most, used());
    },
  });
  most = Math.max(most, used());
  const outputBytes = read.reduce((sum, name) => sum + (answer[name]?.data.byteLength ?? 0), 0);
  const window = Array.from(answer["window"]?.data ?? []).reduce((a, b) => a + b, 0);
  return {
    H: heads,
    N: nodes,
    options: JSON.stringify(options),
    "mean window": Math.round((10 * window) / (heads * nodes)) / 10,
    "inputs MiB": mebibytes(inputBytes),
    "outputs MiB": mebibytes(outputBytes),
    "used MiB": mebibytes(most - before),
    "used / (inputs + outputs)": +((most - before) / (inputBytes + outputBytes)).toFixed(2),
    "process MiB": mebibytes((process.resourceUsage().maxRSS - grown) * 1024),
  };
}

function missing(): never {
  throw new Error("run node with --expose-gc");
}

const out = new Console(process.stdout, process.stderr);
const [, , only] = process.argv;
if (only === undefined) {
  const rows = cases.map((_, k) => {
    const flags = ["--conditions=edgewise-source", "--expose-gc"];
    const script = fileURLToPath(import.meta.url);
    const { stdout, stderr } = spawnSync(process.execPath, [...flags, script, String(k)], {
      encoding: "utf8",
    });
    if (stderr !== "") out.error(stderr);
    return JSON.parse(stdout) as Record<string, unknown>;
  });
  out.table(rows);
} else out.log(JSON.stringify(await measure(cases[Number(only)] as Case)));
