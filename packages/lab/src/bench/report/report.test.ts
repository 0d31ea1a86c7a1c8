import sharp from "sharp";
import { describe, expect, it } from "vitest";
import type { Report } from "../bench.ts";
import type { Row } from "../run/row.ts";
import { plot } from "./plot.ts";
import { filesOf, textOf } from "./report.ts";
import { columns } from "./table.ts";

const measured: Row = {
  ...{ suite: "dense-1024", workload: "dense-1024", peer: "edgewise-wasm", place: "node" },
  ...{ threads: 1, status: "measured", sizes: { H: 8, N: 1024, M: 1024, D: 64, V: 64 } },
  ...{ median_ms: 41.5, p10_ms: 41, p90_ms: 43.25, rounds: 5, calls: 1, prepare_ms: 3 },
  ...{ first_ms: 60, edges: 2 ** 23, gflops: 51.7, edges_per_second: 2.02e8 },
  ...{ ceiling_fraction: 0.861, ceiling_gflops: 60, memory_mib: 30.2, error: 4.2e-7 },
};
const cannot: Row = {
  ...measured,
  ...{ peer: "tfjs <4>", status: "cannot", reason: "it has no gradients", median_ms: null },
  ...{ p10_ms: null, p90_ms: null, gflops: null, ceiling_fraction: null, edges_per_second: null },
};
const report: Report = {
  rows: [measured, { ...measured, peer: "ort-web", place: "chromium", threads: 2 }, cannot],
  ceilings: {
    ...{ relaxed_simd: true, gflops: 60, mul_add_gflops: 55, madd_gflops: 60 },
    ...{ gexp_per_second: 2.9, triad_gb_per_second: 35 },
  },
  verdicts: [
    {
      ...{ workload: "dense-1024", threads: 1, place: "node", claim: "times faster than ort-web" },
      ...{ value: 1.9, must: 1.6, aim: null, within: null, verdict: "must" },
      indirect: "by torch",
    },
  ],
  missing: [
    { peer: "ort-node", install: "npm install onnxruntime-node" },
    { peer: "ort-node-blocks", install: "npm install onnxruntime-node" },
  ],
  ...{ machine: "a processor, 2 cores & more", versions: { node: "24" }, quick: false },
};

describe("the table", () => {
  it("has a line for each row, each verdict and each package that is missing", () => {
    const text = textOf(report).join("\n");
    expect(text).toMatch(/dense-1024 +edgewise-wasm +1 +41\.5 +41\.0 +43\.3 +5/);
    expect(text).toContain("86.1%");
    expect(text).toContain("ort-web (chromium)");
    expect(text).toContain("dense-1024: tfjs <4>, 1 thread, cannot: it has no gradients");
    expect(text).toMatch(/times faster than ort-web +1 +1\.90 +1\.60 +– +must +indirect: by torch/);
    expect(text).toContain("ort-node, ort-node-blocks: npm install onnxruntime-node");
  });

  it("sets numbers to the right and words to the left", () => {
    expect(
      columns(
        ["name", "ms"],
        [
          ["a", "1.5"],
          ["long", "12.25"],
        ],
      ),
    ).toEqual(["name     ms", "a       1.5", "long  12.25"]);
  });
});

describe("the plot", () => {
  it("names its axes with units, its workloads and its peers, and is a picture", async () => {
    const svg = plot(report.rows, report.machine);
    for (const text of ["time per edge, ns", "SIMD128 ceiling, %", "dense-1024", "edgewise-wasm"])
      expect(svg).toContain(text);
    expect(svg).toContain("2 cores &amp; more");
    const { width = 0, height = 0 } = await sharp(Buffer.from(svg)).metadata();
    expect([width > 500, height > 100]).toEqual([true, true]);
  });

  it("of nothing that was measured is still one", () => {
    expect(plot([cannot], "a machine")).toContain("</svg>");
  });
});

it("files hold the same report as JSON, picture and text", async () => {
  const files = await filesOf(report, "folder");
  expect([...files.keys()]).toEqual(
    ["bench.json", "bench.svg", "bench.txt"].map((n) => `folder/${n}`),
  );
  const json = new TextDecoder().decode(files.get("folder/bench.json"));
  expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify(report)));
});
