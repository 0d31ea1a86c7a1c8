/**
 * Does the work of expanding attention grow with its windows, and not with N²?
 *
 *   node --conditions=edgewise-source packages/lab/bench/expandingWork.ts [longest N, 16384]
 *
 * Arms take turns, five rounds after one that is not counted; times are medians. Operations are
 * counted by the mechanism itself; R is their ratio to self attention's. Causal self attention
 * itself is timed up to 4096 nodes.
 */
import { Console } from "node:console";
import { causal, expanding, normals, type Prepared, prepare, self, type Tensor } from "edgewise";
import { reference } from "edgewise/engines/reference";

const [, , longest = "16384"] = process.argv;
const lengths = [1024, 2048, 4096, 8192, 16384].filter((n) => n <= Number(longest));
const width = 64;
const next = normals(1);

interface Arm {
  readonly name: string;
  readonly nodes: number;
  readonly call: () => Record<string, Tensor>;
  readonly times: number[];
}

function inputs(nodes: number): Record<string, Tensor> {
  const tensor = (): Tensor => ({
    data: Float32Array.from({ length: nodes * width }, next),
    shape: [1, 1, nodes, width],
  });
  return { query: tensor(), key: tensor(), value: tensor() };
}

const engine = reference();
const settings = [
  { alpha: 1, beta: 1, tail: 0.01 },
  { alpha: 1, beta: 4, tail: 0.01 },
  { alpha: 1, beta: 4, tail: 0.0001 },
  { alpha: 1, beta: 19, tail: 0.01 },
];
const arms: Arm[] = [];
for (const nodes of lengths) {
  const given = inputs(nodes);
  const arm = (name: string, attend: Prepared<string>): void => {
    const call = (): Record<string, Tensor> =>
      attend.sync(given) as unknown as Record<string, Tensor>;
    arms.push({ name, nodes, call, times: [] });
  };
  for (const setting of settings) {
    const read = ["expectation", "window", "iterations", "operations"];
    const name = `Beta(${setting.alpha}, ${setting.beta}), tail ${setting.tail}`;
    arm(name, await prepare(expanding(setting), { engine, read }));
  }
  if (nodes <= 4096)
    arm(
      "self, causal",
      await prepare(self({ graph: causal() }), { engine, read: ["expectation"] as string[] }),
    );
}

for (let round = 0; round <= 5; round++)
  for (const { call, times } of arms) {
    const started = performance.now();
    call();
    if (round > 0) times.push(performance.now() - started);
  }

const mean = (of: Tensor | undefined): number | string =>
  of === undefined
    ? ""
    : Math.round((10 * Array.from(of.data).reduce((a, b) => a + b, 0)) / of.data.length) / 10;
new Console(process.stdout).table(
  arms.map(({ name, nodes, call, times }) => {
    const { window, iterations, operations } = call();
    const [counted, full] = operations?.data ?? [];
    const sorted = times.toSorted((a, b) => a - b);
    const median = sorted[2] as number;
    return {
      arm: name,
      N: nodes,
      window: mean(window),
      iterations: mean(iterations),
      operations: counted ?? "",
      R: counted && full ? +(counted / full).toFixed(4) : "",
      "median ms": +median.toFixed(1),
      "least ms": +(sorted[0] as number).toFixed(1),
      "µs a node": +((1000 * median) / nodes).toFixed(1),
    };
  }),
);
