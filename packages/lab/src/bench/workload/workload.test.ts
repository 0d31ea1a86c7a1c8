import { causal, prepare, self, window } from "edgewise";
import { reference } from "edgewise/engines/reference";
import { describe, expect, it } from "vitest";
import { expectedOf } from "../check/expected.ts";
import { tolerance, worst } from "../check/rows.ts";
import { edgewisePeers } from "../peers/edgewise.ts";
import type { Host, Peer } from "../peers/peer.ts";
import { Station } from "../run/station.ts";
import { inputSpecs, inputsOf } from "./inputs.ts";
import { numbers } from "./numbers.ts";
import { suites } from "./suites.ts";
import { workOf } from "./work.ts";
import { quickened, type Workload } from "./workload.ts";

const workloads = suites.flatMap((suite) => suite.workloads.map(quickened));
const host = (threads: number): Host => ({
  runtime: "node",
  threads,
  library: (name) => Promise.reject(new Error(name)),
  version: () => "",
});

describe("the formulas in double precision", () => {
  const wasm = edgewisePeers.find(({ name }) => name === "edgewise-wasm") as Peer;
  const plain = edgewisePeers.find(({ name }) => name === "edgewise-reference") as Peer;

  it.each(workloads)("$name: the reference says the same to 1e-7", async (workload) => {
    expect(await deviation(plain, workload)).toBeLessThan(1e-7);
  });

  it.each(workloads)("$name: the engine answers within the tolerance", async (workload) => {
    expect(await deviation(wasm, workload)).toBeLessThan(tolerance);
  });

  async function deviation(peer: Peer, workload: Workload): Promise<number> {
    const station = new Station([peer], { host, watchMemory: () => () => null });
    await station.answer({ kind: "load", peer: peer.name, threads: 1 });
    await station.answer({ kind: "open", workload, specs: inputSpecs(workload) });
    await station.answer({ kind: "call", calls: 1 });
    const expected = expectedOf(workload);
    const { rows } = (await station.answer({ kind: "rows", picks: expected.picks })) as never;
    return worst(expected, rows).error;
  }
});

describe("work", () => {
  const graphs = [
    { graph: "causal" as const, declared: causal() },
    { graph: { back: 5 }, declared: window({ back: 5, ahead: 0 }) },
    { graph: { back: 40 }, declared: window({ back: 40, ahead: 0 }) },
  ];

  it.each(graphs)("counts the edges that the library visits: $graph", async (given) => {
    const workload: Workload = {
      name: "counted",
      task: { kind: "attention", graph: given.graph, reads: "expectation" },
      sizes: { H: 2, N: 37, M: 37, D: 4, V: 4 },
      quick: { H: 2, N: 37, M: 37, D: 4, V: 4 },
      peers: "all",
    };
    const model = self({ graph: given.declared });
    const { info } = (await prepare(model, { engine: reference() })).sync(inputsOf(workload));
    expect(workOf(workload)?.edges).toBe(info.edges);
  });

  it("of a gradient is fourteen operations a feature and edge", () => {
    const [forward, backward] = ["dense-1024", "backward-1024"].map((name) =>
      suites.flatMap((suite) => suite.workloads).find((workload) => workload.name === name),
    );
    expect(workOf(forward as Workload)?.flops).toBe(4 * 8 * 1024 ** 2 * 64);
    expect(workOf(backward as Workload)?.flops).toBe(14 * 8 * 1024 ** 2 * 64);
  });
});

describe("numbers", () => {
  it("are the same whoever draws them, and depend on seed and place", () => {
    const bits = [...new Int32Array(numbers(1, 4).buffer)];
    expect(bits).toMatchInlineSnapshot(`
      [
        1064156268,
        -1076254566,
        -1084138863,
        1054348452,
      ]
    `);
    expect(numbers(2, 4)).not.toEqual(numbers(1, 4));
  });

  it("have mean 0 and the deviation that was asked for", () => {
    const drawn = numbers(3, 100_000, 2);
    const mean = drawn.reduce((a, b) => a + b, 0) / drawn.length;
    const variance = drawn.reduce((a, b) => a + b * b, 0) / drawn.length;
    expect(Math.abs(mean)).toBeLessThan(0.03);
    expect(variance).toBeCloseTo(4, 1);
  });

  it("stand at other places where nodes come first, and are the same", () => {
    const [{ workloads: [workload] = [] } = {}] = suites;
    const small = quickened(workload as Workload);
    const { H, N, D } = small.sizes;
    const [heads, nodes] = [inputsOf(small), inputsOf(small, "nodes first")].map(
      ({ query }) => query?.data ?? [],
    ) as [Float32Array, Float32Array];
    for (const [h, n, d] of [
      [0, 0, 0],
      [H - 1, 3, 2],
      [1, N - 1, D - 1],
    ] as const)
      expect(nodes[(n * H + h) * D + d]).toBe(heads[(h * N + n) * D + d]);
  });
});
