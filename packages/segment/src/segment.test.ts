import { beforeAll, describe, expect, it } from "vitest";
import { landscape, meanIntersectionOverUnion } from "../test/testScenes.ts";
import { parseClicks } from "./clicks.ts";
import { around } from "./fragments.ts";
import { type Prepared, prepare, type Segmentation, segment } from "./segment.ts";

const scene = landscape(180, 120);

describe("segment", () => {
  let prepared: Prepared;
  let result: Segmentation;
  beforeAll(async () => {
    prepared = prepare(scene, { cells: 600 });
    result = await segment(prepared, scene.clicks);
  });

  it("finds the regions of a scene from one click in each: mean IoU above 0.95", () => {
    expect(meanIntersectionOverUnion(scene.regions, result.mask)).toBeGreaterThan(0.95);
  });

  it("answers with a distribution for each cell, and its entropy in nats", () => {
    const { posterior, entropy } = result;
    expect(entropy).toHaveLength(prepared.cells.count);
    entropy.forEach((nats, cell) => {
      const [sky, ground, sun] = posterior.subarray(cell * 3, cell * 3 + 3);
      expect(sky! + ground! + sun!).toBeCloseTo(1, 9);
      expect(nats).toBeGreaterThanOrEqual(0);
      expect(nats).toBeLessThanOrEqual(Math.log(3) + 1e-9);
    });
  });

  it("gives the same bytes again, also after other clicks were tried in between", async () => {
    await segment(prepared, { ...scene.clicks, clicks: scene.clicks.clicks.slice(1) });
    const again = await segment(prepare(scene, { cells: 600 }), scene.clicks);
    const later = await segment(prepared, scene.clicks);
    expect(again).toEqual(result);
    expect(later).toEqual(result);
  });

  it("keeps the clicked label on every clicked pixel, even inside another region", async () => {
    const clicks = [...scene.clicks.clicks, { x: 30, y: 100, label: 2, radius: 1 }];
    const { mask } = await segment(prepared, { ...scene.clicks, clicks });
    for (const [x, y] of [
      [30, 100],
      [29, 100],
      [30, 101],
    ]) {
      expect(mask[y! * scene.width + x!]).toBe(2);
    }
  });

  it("follows a stroke as it follows clicks", async () => {
    const strokes = [
      {
        points: [
          [10, 10],
          [70, 40],
        ],
        radius: 2,
        label: 0,
      },
      {
        points: [
          [20, 110],
          [150, 100],
        ],
        radius: 2,
        label: 1,
      },
      { points: [[126, 36]], radius: 4, label: 2 },
    ];
    const clicks = parseClicks({ labels: ["sky", "ground", "sun"], strokes }, scene);
    const { mask } = await segment(prepared, clicks);
    expect(meanIntersectionOverUnion(scene.regions, mask)).toBeGreaterThan(0.95);
  });

  it("labels everything alike when there is one label", async () => {
    const clicks = parseClicks({ labels: ["all"], clicks: [{ x: 0, y: 0, label: 0 }] }, scene);
    const { mask, entropy } = await segment(prepared, clicks);
    expect(mask.every((label) => label === 0)).toBe(true);
    expect(entropy.every((nats) => nats < 1e-12)).toBe(true);
  });

  it("answers in the photo's own pixels when the photo is larger than the working size", async () => {
    const large = landscape(900, 600);
    const { mask } = await segment(prepare(large, { cells: 400 }), large.clicks);
    expect(meanIntersectionOverUnion(large.regions, mask)).toBeGreaterThan(0.95);
  });

  it.each([0, 1501, 2.5, Number.NaN])(
    "refuses %d cells and says how many there may be",
    (cells) => {
      expect(() => prepare(scene, { cells })).toThrow(
        /bad_option in prepare\s+got\s+cells = .*\s.*1500/,
      );
    },
  );

  it("says what it believed to an inference of the caller's own", async () => {
    let shapes: (readonly number[])[] = [];
    await segment(prepared, scene.clicks, {
      keyIterations: 4,
      infer: async (inputs, options) => {
        expect(options.keyIterations).toBe(4);
        shapes = [inputs.query.shape, inputs.key.shape, inputs.log_prior.shape, inputs.fixed.shape];
        return new Float64Array(inputs.fixed.data.length).fill(1 / 3);
      },
    });
    const tokens = prepared.cells.count;
    const [query, key, logPrior, fixed] = shapes;
    expect(query).toEqual([1, 1, tokens, 15]);
    expect(logPrior).toEqual([1, 1, tokens, key![2]]);
    expect(fixed).toEqual([1, 1, tokens, 3]);
  });
});

describe("segment on an even surface", () => {
  const grey = { width: 300, height: 200, data: new Uint8Array(300 * 200 * 3).fill(128) };
  let prepared: Prepared;
  beforeAll(() => {
    prepared = prepare(grey);
  });

  /** Share of the pixels that got the label of the nearest click. */
  async function nearestShare(...points: readonly [x: number, y: number, label: number][]) {
    const clicks = points.map(([x, y, label]) => ({ x, y, label }));
    const { mask } = await segment(prepared, parseClicks({ labels: ["a", "b"], clicks }, grey));
    const right = mask.filter((label, pixel) => {
      const distances = points.map(([x, y]) =>
        Math.hypot((pixel % 300) - x, Math.floor(pixel / 300) - y),
      );
      return label === points[distances.indexOf(Math.min(...distances))]![2];
    });
    return right.length / mask.length;
  }

  it.each([
    [30, 30, 0.8],
    [60, 60, 0.98],
    [120, 60, 0.93],
    [280, 180, 0.93],
  ])("nearness parts clicks at (20, 20) and (%i, %i) near their bisector", async (x, y, least) => {
    expect(await nearestShare([20, 20, 0], [x, y, 1])).toBeGreaterThan(least);
  });

  it("a label gains nothing far away by being clicked more often", async () => {
    const often = [20, 50, 80, 110].map((y): [number, number, number] => [20, y, 0]);
    expect(await nearestShare(...often, [200, 30, 1])).toBeGreaterThan(0.95);
  });
});

it("leaves no speck of grain along a border", async () => {
  const { mask } = await segment(prepare(scene), scene.clicks);
  const alone = mask.filter((label, pixel) =>
    around(pixel, scene.width, scene.height).every((next) => mask[next] !== label),
  );
  expect(alone).toHaveLength(0);
});
