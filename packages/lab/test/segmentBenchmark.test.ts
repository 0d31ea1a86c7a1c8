import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encode } from "fast-png";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { poolingModel } from "../../segment/test/onnxModel.ts";
import { landscape } from "../../segment/test/testScenes.ts";
import { loadSample, samplesIn } from "../src/annotator/photos.ts";
import { edgewise } from "./edgewise.ts";

const folder = mkdtempSync(join(tmpdir(), "edgewise-photos-"));
const path = (name: string): string => join(folder, name);
const scene = landscape(160, 120);

beforeAll(async () => {
  const raw = { width: scene.width, height: scene.height, channels: 3 as const };
  const palette = Array.from({ length: 256 }, (_, k) => [k, k, k]);
  mkdirSync(path("photos"));
  for (const name of ["one", "two"]) {
    await sharp(scene.data, { raw })
      .jpeg({ quality: 95 })
      .toFile(path(`photos/${name}.jpg`));
    const mask = encode({ ...raw, channels: 1, depth: 8, data: scene.regions, palette });
    writeFileSync(path(`photos/${name}.png`), mask);
  }
});
afterAll(() => rmSync(folder, { recursive: true }));

const benchmark = (...more: string[]) =>
  edgewise("segment-benchmark", path("photos"), "--output", path("out"), "--clicks", "3", ...more);

describe("edgewise segment-benchmark", () => {
  it("tells scores, times and arms as one document, and writes figures", async () => {
    const peers = { clicks_beyond_one_per_region: [0, 3], miou: { peer: { one: [0.5, 0.6] } } };
    writeFileSync(path("photos/peers.json"), JSON.stringify(peers));
    const { code, out } = await benchmark("--json");
    expect(code).toBe(0);
    const found = JSON.parse(out);
    expect(found.photos).toBe(2);
    expect(Object.keys(found.miou)).toEqual(["0", "3"]);
    expect(found.miou["0"]).toBeGreaterThan(0.9);
    expect(Object.keys(found.arms)).toEqual(["plain", "keys", "values", "both"]);
    expect(found.arms.keys.gain["3"].interval).toHaveLength(2);
    expect(found.peers.peer.gain["0"].mean).toBeCloseTo(found.miou["0"] - 0.5, 9);
    expect(found.suggestions.suggested.miou["3"]).toBeGreaterThan(0.9);
    expect(found.update_ms.median).toBeLessThanOrEqual(found.update_ms.p95);
    expect(found.large.megapixels).toBeCloseTo(12, 1);
    expect(readdirSync(path("out")).toSorted()).toEqual([
      ...["arms.csv", "arms.png", "arms.svg", "miou.csv", "miou.png", "miou.svg"],
      ...["overlays", "photos.csv", "suggestions.csv", "suggestions.png", "suggestions.svg"],
    ]);
    expect(readFileSync(path("out/photos.csv"), "utf8").split("\n")[0]).toBe(
      "photo,regions,name,clicks,miou",
    );
  });

  it("says the same in words, of fewer photos", async () => {
    const { code, out } = await benchmark("--limit", "1");
    expect(code).toBe(0);
    expect(out).toContain("over 1 photos");
    expect(out).toMatch(/gain of suggested clicks/);
  });

  it("refuses a folder without masks, a mask of another size, and numbers that are none", async () => {
    mkdirSync(path("empty"), { recursive: true });
    const of = async (...argv: string[]) => {
      const { code, err } = await edgewise("segment-benchmark", ...argv, "--output", path("out"));
      return [code, err];
    };
    expect(await of(path("empty"))).toEqual([2, expect.stringContaining("bad_image")]);
    expect(await of(path("nowhere"))).toEqual([2, expect.stringContaining("no such folder")]);
    expect(await of(path("photos"), "--clicks", "-1")).toEqual([
      2,
      expect.stringMatching(/0 to 1000/),
    ]);
    const own = await edgewise("segment-benchmark", path("photos"), "--output", path("photos"));
    expect([own.code, own.err]).toEqual([2, expect.stringContaining("a folder of its own")]);
    mkdirSync(path("other"), { recursive: true });
    writeFileSync(path("other/a.jpg"), readFileSync(path("photos/one.jpg")));
    writeFileSync(
      path("other/a.png"),
      encode({ width: 2, height: 2, channels: 1, depth: 8, data: new Uint8Array(4) }),
    );
    expect(await of(path("other"))).toEqual([2, expect.stringContaining("160 × 120")]);
  });
});

describe("edgewise segment", () => {
  const clicks = JSON.stringify({ ...scene.clicks, strokes: undefined });
  const call = (...more: string[]) =>
    edgewise(
      ...["segment", path("photos/one.jpg"), "--clicks", path("c.json")],
      ...["--output", path("m.png"), ...more],
    );

  it("writes its doubt, and says where a click would help", async () => {
    writeFileSync(path("c.json"), clicks);
    const { code, out } = await call("--uncertainty", path("u.png"), "--json");
    expect(code).toBe(0);
    expect(JSON.parse(out)).toHaveProperty("next");
    const { width, height, channels } = await sharp(path("u.png")).metadata();
    expect([width, height, channels]).toEqual([160, 120, 1]);
  });

  it("takes a network's features as they are described beside it", async () => {
    writeFileSync(path("net.onnx"), poolingModel(40, 30));
    writeFileSync(path("net.json"), JSON.stringify({ width: 40, height: 30 }));
    expect(await call("--features", path("net.onnx"))).toMatchObject({ code: 0, err: "" });
    writeFileSync(path("net.json"), JSON.stringify({ width: 44, height: 30 }));
    expect(await call("--features", path("net.onnx"))).toMatchObject({
      code: 2,
      err: expect.stringContaining("will not take [1, 3, 30, 44]"),
    });
    rmSync(path("net.json"));
    expect((await call("--features", path("net.onnx"))).err).toContain("net.json");
    expect((await call("--features", path("net.pb"))).err).toContain(".onnx");
  });
});

describe("photos and masks", () => {
  it("are found whatever the case of their names, indices of few bits too; others are told", async () => {
    mkdirSync(path("mixed"), { recursive: true });
    for (const name of ["a.JPG", "b.jpeg", "c.jpg"])
      writeFileSync(path(`mixed/${name}`), readFileSync(path("photos/one.jpg")));
    const stride = scene.width / 4;
    const data = new Uint8Array(stride * scene.height);
    scene.regions.forEach((region, k) => {
      const [x, y] = [k % scene.width, Math.floor(k / scene.width)];
      data[y * stride + (x >> 2)] =
        (data[y * stride + (x >> 2)] as number) | (region << (6 - 2 * (x & 3)));
    });
    const palette = [0, 1, 2, 3].map((k) => [k, k, k]);
    const { width, height } = scene;
    const mask = encode({ width, height, channels: 1, depth: 2, data, palette });
    writeFileSync(path("mixed/a.PNG"), mask);
    writeFileSync(path("mixed/b.png"), readFileSync(path("photos/one.png")));
    const { pairs } = await samplesIn(path("mixed"));
    const [few, whole] = await Promise.all(pairs.map((pair) => loadSample(path("mixed"), pair)));
    expect(few?.regions.of).toEqual(whole?.regions.of);
    const { code, out } = await edgewise(
      ...["segment-benchmark", path("mixed"), "--output", path("out"), "--clicks", "0", "--json"],
    );
    expect(code).toBe(0);
    const found = JSON.parse(out);
    expect([found.photos, found.skipped]).toEqual([2, ["c.jpg"]]);
    expect(found.miou["0"]).toBeGreaterThan(0.9);
  });
});
