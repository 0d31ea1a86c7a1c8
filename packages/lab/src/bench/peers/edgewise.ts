/** Edgewise's own engines. */
import {
  causal,
  cross,
  distanceDecay,
  type EdgeModelOptions,
  type Engine,
  edges,
  expression,
  type Graph,
  hopfield,
  type Model,
  type Prepared,
  parameter,
  perOffset,
  prepare,
  probabilistic,
  type Readings,
  scored,
  self,
  slot,
  type Tensor,
  window,
} from "edgewise";
import { cap, decay } from "../check/attention.ts";
import { inputsOf, slopeOf } from "../workload/inputs.ts";
import type { AttentionTask, Workload } from "../workload/workload.ts";
import { openTraining } from "./edgewiseTraining.ts";
import type { Host, Loaded, Opened, Output, Peer } from "./peer.ts";

type Tensors = Readonly<Record<string, Tensor>>;

function peer(name: "wasm" | "reference", start: (host: Host) => Promise<Engine>): Peer {
  return {
    name: `edgewise-${name}`,
    runtime: name === "wasm" ? "wasm" : "javascript",
    packages: ["edgewise"],
    install: "part of the command",
    threaded: () => name === "wasm",
    runs: ({ peers }) => name === "wasm" || (peers !== "all" && peers.includes(`edgewise-${name}`)),
    async load(host) {
      const engine = await start(host);
      // What makes programs is fetched by the first model: part of the library, not of a workload.
      await prepare(cross(), { engine });
      const versions = { edgewise: host.version("edgewise") };
      return { versions, open: (workload) => open(workload, engine) } satisfies Loaded;
    },
  };
}

export const edgewisePeers: readonly Peer[] = [
  peer("wasm", async ({ threads }) => {
    const { wasm } = await import("edgewise/engines/wasm");
    const engine = await wasm({ threads });
    if (engine.threads === threads) return engine;
    throw new Error(`it has ${engine.threads} of ${threads} threads here`);
  }),
  peer("reference", async () => {
    const { reference } = await import("edgewise/engines/reference");
    return reference();
  }),
];

async function open(workload: Workload, engine: Engine): Promise<Opened> {
  const { task, sizes } = workload;
  const read = (model: Model, name: string): Promise<Opened> =>
    forward(model, engine, inputsOf(workload), { [name]: name });
  switch (task.kind) {
    case "attention":
      return openAttention(task, workload, engine);
    case "hopfield":
      return read(hopfield({ precision: sizes.D ** -0.5, maxIterations: task.steps }), "state");
    case "slot":
      return read(slot({ update: "mean", maxIterations: task.steps }), "slots");
    case "mixture":
      return read(probabilistic({ keyIterations: task.steps }), "expectation");
    case "training":
      return openTraining(workload, engine);
    case "compile":
      return openCompile(task.new, workload, engine);
    default:
      return task satisfies never;
  }
}

async function openAttention(
  task: AttentionTask,
  workload: Workload,
  engine: Engine,
): Promise<Opened> {
  const model = self(declaration(task, workload));
  const { H } = workload.sizes;
  const slope = { data: Float32Array.from({ length: H }, (_, h) => slopeOf(h, H)), shape: [H] };
  const inputs = { ...inputsOf(workload), ...(task.edge === "slopes" && { slope }) };
  switch (task.reads) {
    case "expectation":
      return forward(model, engine, inputs, { expectation: "expectation" });
    case "all":
      return forward(model, engine, inputs, {
        expectation: "expectation",
        logEvidence: "log_evidence",
        entropy: "entropy",
      });
    case "gradient":
      return backward(model, engine, inputs);
    default:
      return task.reads satisfies never;
  }
}

/** The task in the library's words. */
function declaration({ graph, edge }: AttentionTask, { sizes }: Workload): EdgeModelOptions {
  return {
    ...(graph !== "complete" && { graph: graphOf(graph, sizes.N) }),
    ...(edge === "softcap" && { potential: scored(`${cap} * tanh(score / ${cap})`) }),
    ...(edge === "decay" && { prior: expression(`-${decay} * abs(i - j)`) }),
    ...(edge === "offset" && { prior: perOffset() }),
    ...(edge === "slopes" && { prior: distanceDecay({ slope: parameter("slope", ["H"]) }) }),
  };
}

function graphOf(graph: Exclude<AttentionTask["graph"], "complete">, nodes: number): Graph {
  if (graph === "causal") return causal();
  const { back } = graph;
  if (!("listed" in graph)) return window({ back, ahead: 0 });
  const pairs = Array.from({ length: nodes }, (_, i) =>
    Array.from({ length: Math.min(i, back) + 1 }, (_, k) => [i, i - k] as const).reverse(),
  );
  return edges(pairs.flat());
}

const isPage = "document" in globalThis;
const tensorsOf = ({ info: _, ...tensors }: Readings<string>): Tensors => tensors;

/** Calls of a model whose readings are outputs, by the names of the documentation. */
async function forward(
  model: Model,
  engine: Engine,
  inputs: Tensors,
  names: Readonly<Record<string, string>>,
): Promise<Opened> {
  const prepared: Prepared<string> = await prepare(model, { engine, read: Object.keys(names) });
  let last: Tensors = {};
  return {
    // A page's own thread may not wait for others: there the call is one that it awaits.
    call: isPage
      ? async () => {
          last = tensorsOf(await prepared(inputs));
        }
      : () => {
          last = tensorsOf(prepared.sync(inputs));
        },
    outputs: () =>
      Object.fromEntries(
        Object.entries(names).map(([reading, name]) => [name, output(last[reading], name)]),
      ),
  };
}

/** Gradients by every input; the forward pass is part of them. */
async function backward(
  model: Model,
  engine: Engine,
  { d_expectation: expectation, ...inputs }: Tensors,
): Promise<Opened> {
  if (expectation === undefined) throw new TypeError("the workload has no cotangent");
  const prepared = await prepare(model, { engine, read: ["expectation"] });
  let last: Tensors = {};
  return {
    call: () => {
      last = prepared.gradientSync(inputs, { expectation });
    },
    outputs: () =>
      Object.fromEntries(Object.entries(last).map(([name, of]) => [`d_${name}`, output(of)])),
  };
}

/** Each call declares what no call before it has declared, or gives lengths that are new. */
async function openCompile(
  what: "expression" | "lengths" | "nothing",
  workload: Workload,
  engine: Engine,
): Promise<Opened> {
  const inputs = inputsOf(workload);
  const declare = (k: number): Promise<Prepared<"expectation">> =>
    // Beyond the cap that is checked, caps that round to it in single precision.
    prepare(self({ potential: scored(`${cap + k * 1e-9} * tanh(score / ${cap})`) }), {
      engine,
      read: ["expectation"],
    });
  const known = what === "expression" ? undefined : await declare(0);
  // The first call is the one whose answer is checked: it has all nodes.
  const lengths = Array.from({ length: 8 }, (_, k) => shortened(inputs, workload.sizes.N - k));
  let last: Tensors = {};
  let calls = 0;
  return {
    call: async () => {
      const given = what === "lengths" ? (lengths[calls % lengths.length] ?? inputs) : inputs;
      const { expectation } = (known ?? (await declare(calls))).sync(given);
      last = { expectation };
      calls++;
    },
    outputs: () => ({ expectation: output(last["expectation"]) }),
  };
}

/** Tensors [1, 1, N, D] with fewer nodes. */
function shortened(inputs: Tensors, nodes: number): Tensors {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, { data, shape }]) => {
      const width = shape.at(-1) as number;
      return [name, { data: data.slice(0, nodes * width), shape: [1, 1, nodes, width] }];
    }),
  );
}

const scalars = new Set(["log_evidence", "entropy"]);

function output(tensor: Tensor | undefined, name = ""): Output {
  const { data, shape } = tensor ?? { data: [], shape: [] };
  return { data, width: scalars.has(name) ? 1 : (shape.at(-1) ?? 1) };
}
