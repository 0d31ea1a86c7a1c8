import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { readSafetensors, writeSafetensors } from "edgewise/io";
import { decode, encode } from "fast-png";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { edgewise } from "./edgewise.ts";

const folder = mkdtempSync(join(tmpdir(), "edgewise-commands-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const path = (name: string): string => join(folder, name);

const filled = (shape: number[], value: number) => ({
  dtype: "F32" as const,
  shape,
  data: new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(value),
});
const attention = (): [string, ReturnType<typeof filled>][] => [
  ["query", filled([1, 1, 3, 2], 1)],
  ["key", filled([1, 1, 4, 2], 1)],
  ["value", filled([1, 1, 4, 5], 2)],
];

beforeEach(() => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(path("in.safetensors"), writeSafetensors(attention()));
});

describe("edgewise list", () => {
  it("answers with one JSON document: mechanisms, engines, experiments", async () => {
    const { code, out } = await edgewise("list", "--json");
    const { mechanisms, engines, experiments } = JSON.parse(out);
    expect(code).toBe(0);
    expect(mechanisms[0]).toMatchObject({
      name: "cross",
      engines: { wasm: true, reference: true },
    });
    expect(engines.map(({ name }: { name: string }) => name)).toEqual(["wasm", "reference"]);
    expect(experiments).toContainEqual({
      ...{ name: "multihop", claims: ["K6", "K7", "K8"] },
      summary: expect.stringContaining("Figure 2"),
    });
  });

  it("shows every published mechanism, each run by the reference", async () => {
    const { mechanisms } = JSON.parse((await edgewise("list", "--json")).out);
    const names = mechanisms.map(({ name }: { name: string }) => name);
    expect(names.join(" ")).toBe(
      "cross self graph relative absolute rotary classifier hopfield slot block-slot predictive-coding multihop expanding feed-forward hard probabilistic conditional-mean chain tree matching motif",
    );
    for (const { engines } of mechanisms) expect(engines.reference).toBe(true);
  });
});

describe("edgewise run and gradient of latent models", () => {
  const numbers = (shape: number[], at: (k: number) => number) => ({
    ...filled(shape, 0),
    data: filled(shape, 0).data.map((_, k) => at(k)),
  });
  const call = (
    command: string,
    name: string,
    tensors: Record<string, unknown>,
    config: object,
  ) => {
    writeFileSync(path("in.safetensors"), writeSafetensors(Object.entries(tensors) as never));
    writeFileSync(path("c.json"), JSON.stringify(config));
    return edgewise(
      ...[command, name, "--input", path("in.safetensors"), "--output", path("out.safetensors")],
      // Courses, saddles and overflows are told apart in double precision.
      ...["--config", path("c.json"), "--engine", "reference", "--json"],
    );
  };
  const states = {
    state: numbers([1, 2, 2], (k) => [0, 0, 2, 0.5][k] as number),
    patterns: numbers([1, 3, 2], (k) => [2, 0, -2, 0, 0, 0][k] as number),
  };
  const layers = {
    "state.0": numbers([1, 2], (k) => k - 0.5),
    "state.1": numbers([1, 3], (k) => 1 - k),
    "weight.0": numbers([3, 2], (k) => 0.5 * k),
    "precision.0": numbers([3], () => 2),
  };

  it("tell where a curvature is not positive definite", async () => {
    const config = { laplace: true, precision: 3, maxIterations: 1 };
    const { code, out } = await call("run", "hopfield", states, config);
    const { outputs, positiveDefinite } = JSON.parse(out);
    expect([code, outputs]).toEqual([
      0,
      { state: [1, 2, 2], energy: [1, 2, 2], precision_matrix: [1, 2, 2, 2] },
    ]);
    // Between two patterns lies a saddle; at one of them, a minimum.
    expect(positiveDefinite).toEqual({ yes: 1, of: 2 });
  });

  it("tell that an energy rose, by how much and when", async () => {
    const { code, out } = await call("run", "predictive-coding", layers, {
      rate: 0.4,
      iterations: 6,
    });
    const { freeEnergy } = JSON.parse(out);
    expect([code, freeEnergy.atIteration > 0]).toEqual([0, true]);
    expect(freeEnergy.largestRise).toBeGreaterThan(0.1);
  });

  it("tell the same of a gradient through such steps", async () => {
    const tensors = { ...layers, "d_state.0": filled([1, 2], 1) };
    const risen = await call("gradient", "predictive-coding", tensors, {
      rate: 0.4,
      iterations: 6,
    });
    expect([risen.code, JSON.parse(risen.out).freeEnergy.largestRise > 0.1]).toEqual([0, true]);
    const { code, out } = await call("gradient", "predictive-coding", tensors, {
      rate: 100,
      iterations: 500,
    });
    expect([code, JSON.parse(out).error.code]).toEqual([2, "not_finite"]);
    expect(JSON.parse(out).error.got).toMatch(/free energy that rose by \S+ in iteration 1\b/);
  });

  it("stop at an iteration that leaves the numbers, and write nothing", async () => {
    const config = { rate: 100, iterations: 500 };
    const { code, out } = await call("run", "predictive-coding", layers, config);
    const { error } = JSON.parse(out);
    expect([code, error.code]).toEqual([2, "not_finite"]);
    expect(error.got).toMatch(/free energy that rose by \S+ in iteration 1\b/);
    expect(readdirSync(folder)).not.toContain("out.safetensors");
  });

  it("say how the gradient passed: implicit where the point was reached, else through the iterations", async () => {
    const state = numbers([1, 2, 2], (k) => [1, 0.2, 2, 0.5][k] as number);
    const tensors = { ...states, state, d_state: filled([1, 2, 2], 1) };
    const reached = { gradient: "implicit", tolerance: 1e-9, maxIterations: 500 };
    const done = await call("gradient", "hopfield", tensors, reached);
    expect([done.code, JSON.parse(done.out).gradient]).toEqual([0, "implicit"]);
    const energy = { ...states, state, d_energy: filled([1, 2, 4], 1) };
    for (const [given, config, why] of [
      [tensors, { ...reached, maxIterations: 1 }, "still moved by"],
      [{ ...tensors, ...states }, reached, "from which a small push grows"],
      [tensors, { gradient: "implicit" }, "no tolerance is set"],
      [energy, { ...reached, maxIterations: 3 }, "d_energy is of every iteration"],
    ] as const) {
      const { code, out } = await call("gradient", "hopfield", given, config);
      const { gradient, notImplicit } = JSON.parse(out);
      expect([code, gradient, notImplicit]).toEqual([0, "unrolled", expect.stringContaining(why)]);
    }
  });

  it("want a cotangent of an energy for the iterations that ran, and say how many", async () => {
    const tensors = { ...states, d_energy: filled([1, 2, 9], 1) };
    for (const config of [{ maxIterations: 3 }, { maxIterations: 3, tolerance: 1e-12 }]) {
      const { code, out } = await call("gradient", "hopfield", tensors, config);
      const { error } = JSON.parse(out);
      expect([code, error.code, error.where.includes("hopfield")]).toEqual([
        2,
        "shape_mismatch",
        true,
      ]);
      expect(error.got).toBe("d_energy with shape [1, 2, 9]");
      expect(error.fix).toContain("dimension 3 of d_energy the");
    }
  });

  it("take as many layers as there are states", async () => {
    const deeper = {
      ...layers,
      "state.2": numbers([1, 1], () => 3),
      "weight.1": numbers([1, 3], () => 1),
      "precision.1": numbers([1], () => 1),
    };
    const { code, out } = await call("run", "predictive-coding", deeper, { update: "closed" });
    expect([code, Object.keys(JSON.parse(out).outputs)]).toEqual([
      0,
      ["state.0", "state.1", "state.2", "gradient.0", "gradient.1", "free_energy"],
    ]);
  });
});

describe("edgewise certify", () => {
  it("answers with a certificate for each family that is named", async () => {
    const { code, out } = await edgewise(
      "certify",
      "hopfield",
      "slot sum",
      "--draws",
      "60",
      "--json",
    );
    const { certificates } = JSON.parse(out);
    expect(code).toBe(0);
    expect(certificates.map(({ family }: { family: string }) => family)).toEqual([
      "hopfield",
      "slot sum",
    ]);
    expect(certificates[0]).toMatchObject({ draws: 60, rises: 0, shortfalls: 0 });
  });

  it("names the nearest family", async () => {
    const { code, err } = await edgewise("certify", "hopfeld");
    expect([code, err]).toEqual([2, expect.stringContaining("write hopfield in place of hopfeld")]);
  });
});

describe("edgewise run and gradient", () => {
  it("says where iterations ended short of their tolerance", async () => {
    const score = { dtype: "F32" as const, shape: [1, 2, 2], data: Float32Array.of(3, 1, 0, 9) };
    writeFileSync(path("in.safetensors"), writeSafetensors([["score", score]]));
    writeFileSync(path("c.json"), '{ "iterations": 2 }');
    const files = ["--input", path("in.safetensors"), "--output", path("out.safetensors")];
    const short = await edgewise("run", "matching", ...files, "--config", path("c.json"));
    expect([short.code, short.out]).toEqual([
      0,
      expect.stringContaining("sinkhorn ended after 2 iterations, short of its tolerance"),
    ]);
    expect((await edgewise("run", "matching", ...files)).out).not.toContain("short of");
  });

  it("write float32 tensors and say what they did", async () => {
    const call = [
      "run",
      "cross",
      "--input",
      path("in.safetensors"),
      "--output",
      path("out.safetensors"),
      "--json",
    ];
    const { code, out } = await edgewise(...call);
    expect([code, JSON.parse(out)]).toEqual([
      0,
      expect.objectContaining({
        mechanism: "cross",
        engine: "wasm",
        threads: expect.any(Number),
        outputs: { expectation: [1, 1, 3, 5], log_evidence: [1, 1, 3], entropy: [1, 1, 3] },
      }),
    ]);
    const { tensors } = readSafetensors(readFileSync(path("out.safetensors")), "out");
    expect(tensors.get("expectation")).toMatchObject({ dtype: "F32" });
    expect(tensors.get("expectation")?.data[0]).toBeCloseTo(2, 6);
  });

  it("the same call writes the same bytes, draws included", async () => {
    writeFileSync(path("c.json"), '{ "samples": 4, "seed": 3 }');
    const once = async (name: string) => {
      await edgewise(
        "run",
        "hard",
        "--input",
        path("in.safetensors"),
        "--config",
        path("c.json"),
        "--output",
        path(name),
      );
      return readFileSync(path(name));
    };
    expect(await once("a")).toEqual(await once("b"));
  });

  it("an engine that is not there is named with those that are", async () => {
    const { code, err } = await edgewise(
      "run",
      "cross",
      "--input",
      path("in.safetensors"),
      "--output",
      path("o"),
      "--engine",
      "wasn",
    );
    expect(code).toBe(2);
    expect(err).toContain("one of wasm, reference");
    expect(err).toContain("write wasm in place of wasn");
  });

  it.each([
    ["a file that is not there", { input: "none" }, "unreadable_file"],
    ["a folder", { input: "." }, "unreadable_file"],
    ["a file that is not safetensors", { bytes: Buffer.from("hello, this is text") }, "bad_file"],
    ["truncated data", { bytes: writeSafetensors(attention()).slice(0, -3) }, "bad_file"],
    ["a config that is not JSON", { config: "{ a: 1 }" }, "bad_file"],
    ["a key given twice", { config: '{ "causal": true, "causal": false }' }, "bad_file"],
    ["a misspelt key", { config: '{ "causl": true }' }, "unknown_option"],
  ])("%s gives exit 2, one JSON error, and leaves nothing behind", async (_, given, code) => {
    const {
      input = "in.safetensors",
      bytes,
      config,
    } = given as { input?: string; bytes?: Uint8Array; config?: string };
    if (bytes !== undefined) writeFileSync(path(input), bytes);
    writeFileSync(path("c.json"), config ?? "{}");
    const before = readdirSync(folder);
    const call = [
      "run",
      "cross",
      "--input",
      path(input),
      "--output",
      path("out.safetensors"),
      "--config",
      path("c.json"),
      "--json",
    ];
    const { code: exit, out } = await edgewise(...call);
    const { error } = JSON.parse(out);
    expect([exit, error.code]).toEqual([2, code]);
    expect(Object.keys(error).toSorted()).toEqual(["code", "expected", "fix", "got", "where"]);
    expect(readdirSync(folder)).toEqual(before);
  });

  it("--help names the row's tensors and keys", async () => {
    const { out } = await edgewise("run", "--help");
    expect(out).toContain("Example");
    expect(out).toContain("edgewise run");
  });
});

describe("edgewise segment", () => {
  const [width, height] = [64, 48];
  const photo = (): Uint8Array =>
    encode({
      width,
      height,
      channels: 3,
      depth: 8,
      data: Uint8Array.from({ length: width * height * 3 }, (_, k) =>
        Math.floor(k / 3) % width < 32 ? 40 : 200,
      ),
    });
  const clicks = {
    labels: ["dark", "light"],
    clicks: [
      { x: 10, y: 20, label: 0 },
      { x: 50, y: 20, label: 1 },
    ],
  };
  const call = () =>
    edgewise(
      "segment",
      path("p.png"),
      "--clicks",
      path("c.json"),
      "--output",
      path("m.png"),
      "--overlay",
      path("o.png"),
    );

  it("writes an indexed mask of the photo's size whose index is the label", async () => {
    writeFileSync(path("p.png"), photo());
    writeFileSync(path("c.json"), JSON.stringify(clicks));
    expect((await call()).code).toBe(0);
    const mask = decode(readFileSync(path("m.png")));
    expect([mask.width, mask.height, mask.palette?.length]).toEqual([width, height, 2]);
    const wrong = mask.data.filter((label, k) => label !== (k % width < 32 ? 0 : 1)).length;
    expect(wrong).toBeLessThan(0.02 * width * height);
    expect(decode(readFileSync(path("o.png"))).channels).toBe(3);
  });

  it.each([
    ["a photo that is not one", { photo: Buffer.from("GIF89a not really") }, "bad_image"],
    ["an empty photo", { photo: Buffer.alloc(0) }, "bad_image"],
    [
      "a click outside",
      { clicks: { ...clicks, clicks: [{ x: 64, y: 0, label: 0 }] } },
      "bad_clicks",
    ],
    [
      "a label that has no name",
      { clicks: { ...clicks, clicks: [{ x: 1, y: 0, label: 7 }] } },
      "bad_clicks",
    ],
    ["no clicks at all", { clicks: { labels: ["a"], clicks: [] } }, "bad_clicks"],
    ["a misspelt key", { clicks: { ...clicks, strokez: [] } }, "bad_clicks"],
    [
      "one pixel with two labels",
      {
        clicks: {
          ...clicks,
          clicks: [
            { x: 5, y: 5, label: 0 },
            { x: 5, y: 5, label: 1 },
          ],
        },
      },
      "bad_clicks",
    ],
  ])("%s gives exit 2 and writes nothing", async (_, given, code) => {
    const { photo: bytes = photo(), clicks: document = clicks } = given as {
      photo?: Uint8Array;
      clicks?: unknown;
    };
    writeFileSync(path("p.png"), bytes);
    writeFileSync(path("c.json"), JSON.stringify(document));
    const { code: exit, err } = await call();
    expect([exit, err.split(" ")[0]]).toEqual([2, code]);
    expect(readdirSync(folder).toSorted()).toEqual(["c.json", "in.safetensors", "p.png"]);
  });
});

describe("edgewise segment: outputs", () => {
  const clicksFile = (labels: readonly string[]): string =>
    JSON.stringify({
      labels,
      clicks: [
        { x: 4, y: 8, label: 0 },
        { x: 28, y: 8, label: 1 },
      ],
    });
  const photo = encode({
    width: 32,
    height: 16,
    channels: 3,
    depth: 8,
    data: Uint8Array.from({ length: 32 * 16 * 3 }, (_, k) =>
      Math.floor(k / 3) % 32 < 16 ? 40 : 200,
    ),
  });
  const segment = (...outputs: string[]) =>
    edgewise("segment", path("p.png"), "--clicks", path("c.json"), ...outputs);

  beforeEach(() => {
    writeFileSync(path("p.png"), photo);
    writeFileSync(path("c.json"), clicksFile(["a", "b"]));
    symlinkSync(path("p.png"), path("link.png"));
    symlinkSync(folder, path("here"));
    symlinkSync(path("c.json"), path("clicks.png"));
  });

  it.each([
    ["the photo", ["--output", "p.png"], "the photo"],
    ["the photo through a link", ["--output", "link.png"], "the photo"],
    ["the photo as overlay", ["--output", "m.png", "--overlay", "p.png"], "the photo"],
    ["the clicks through a link", ["--output", "clicks.png"], "the clicks file"],
    ["one file for both", ["--output", "m.png", "--overlay", "here/m.png"], "also --output"],
    ["a name that is no PNG", ["--output", "mask.jpg"], "mask.jpg"],
    ["an overlay that is no PNG", ["--output", "m.png", "--overlay", "o"], "--overlay"],
  ])("%s is refused before any work", async (_, words, got) => {
    const before = readdirSync(folder);
    const named = words.map((word) => (word.startsWith("--") ? word : path(word)));
    const { code, out } = await segment(...named, "--json");
    const { error } = JSON.parse(out);
    expect([code, error.code, error.where]).toEqual([2, "bad_usage", "edgewise segment"]);
    expect(error.got).toContain(got);
    expect(readdirSync(folder)).toEqual(before);
    expect(readFileSync(path("p.png")).equals(Buffer.from(photo))).toBe(true);
  });

  it("shares come in the order of the labels, whatever their names", async () => {
    for (const labels of [
      ["same", "same"],
      ["7", "0"],
    ]) {
      writeFileSync(path("c.json"), clicksFile(labels));
      const { out } = await segment("--output", path("M.PNG"), "--json");
      const { shares } = JSON.parse(out);
      expect(shares.map(({ label }: { label: string }) => label)).toEqual(labels);
      for (const { share } of shares) expect(share).toBeCloseTo(0.5, 1);
    }
  });

  it("labels reach the terminal without their control characters", async () => {
    writeFileSync(path("c.json"), clicksFile(["\u001b[2Jz", "a\nwrote nothing"]));
    const { code, out } = await segment("--output", path("m.png"));
    expect(code).toBe(0);
    expect(out).not.toContain("\u001b");
    expect(out.split("\n").slice(1, 3)).toEqual([
      expect.stringMatching(/ % {2}\\u001b\[2Jz$/),
      expect.stringMatching(/ % {2}a\\u000awrote nothing$/),
    ]);
  });
});

describe("edgewise segment: photos", () => {
  const drawing = '<svg xmlns="http://www.w3.org/2000/svg" width="64" height="48"/>';

  /** A PNG that says it is `side` pixels wide and high, without having them. */
  const claimed = (side: number): Uint8Array => {
    const header = Buffer.from(
      encode({ width: 1, height: 1, data: Uint8Array.of(0), channels: 1 }),
    );
    header.writeUInt32BE(side, 16);
    header.writeUInt32BE(side, 20);
    header.writeUInt32BE(crc32(header.subarray(12, 29)), 29);
    return header;
  };

  it.each([
    ["a drawing", Buffer.from(drawing), "a picture in SVG", "save it again as PNG"],
    ["a document", Buffer.from("%PDF-1.7\n"), "%PDF-1.7", "save it again as PNG"],
    ["a huge photo", claimed(20000), "in PNG of 20000 × 20000", "shrink the photo to at most 100"],
    ["a broken photo", claimed(40), "in PNG that cannot be decoded", "save it again"],
  ])("%s is refused by its format and size", async (_, bytes, got, fix) => {
    writeFileSync(path("p.png"), bytes);
    writeFileSync(path("c.json"), "{}");
    const { code, out } = await edgewise(
      ...["segment", path("p.png"), "--clicks", path("c.json")],
      ...["--output", path("m.png"), "--json"],
    );
    const { error } = JSON.parse(out);
    expect([code, error.code]).toEqual([2, "bad_image"]);
    expect(error.got).toContain(got);
    expect(error.fix).toContain(fix);
  });
});

describe("edgewise demo", () => {
  it.each([
    ["a file", "in.safetensors", "a file"],
    ["a place below a file", "in.safetensors/below", "cannot be made"],
  ])("%s as folder gives unreadable_file and exit 2", async (_, name, got) => {
    const { code, out } = await edgewise("demo", "--output", path(name), "--json");
    const { error } = JSON.parse(out);
    expect([code, error.code, error.where]).toEqual([2, "unreadable_file", path(name)]);
    expect(error.got).toContain(got);
    expect(error.fix).toContain("--output");
  });

  it("writes its pictures and shows a posterior", async () => {
    const { code, out } = await edgewise("demo", "--output", path("pictures"));
    expect(code).toBe(0);
    expect(out).toContain(join(path("pictures"), "overlay.png"));
    expect(out).toContain("█");
    expect(readdirSync(path("pictures")).toSorted()).toEqual([
      "mask.png",
      "overlay.png",
      "scene.png",
    ]);
  });
});
