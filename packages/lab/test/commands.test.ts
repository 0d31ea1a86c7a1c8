import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readSafetensors, writeSafetensors } from "edgewise/io";
import { decode, encode } from "fast-png";
import { afterAll, beforeEach, describe, expect, it, vi } from "vitest";
import { commands, main } from "../src/cli/main.ts";

const folder = mkdtempSync(join(tmpdir(), "edgewise-commands-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const path = (name: string): string => join(folder, name);

/** One call of the command: its exit code, standard output and standard error. */
async function edgewise(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  const [out, err]: [string[], string[]] = [[], []];
  const spies = [
    vi.spyOn(process.stdout, "write").mockImplementation((text) => out.push(String(text)) > 0),
    vi.spyOn(process.stderr, "write").mockImplementation((text) => err.push(String(text)) > 0),
  ];
  const code = await main(argv, commands);
  for (const spy of spies) spy.mockRestore();
  return { code, out: out.join(""), err: err.join("") };
}

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
    expect(mechanisms[0]).toMatchObject({ name: "cross", engines: { reference: true } });
    expect([engines[0].name, experiments]).toEqual(["reference", []]);
  });
});

describe("edgewise run and gradient", () => {
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
        engine: "reference",
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
    expect(err).toContain("one of reference");
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

describe("edgewise demo", () => {
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
