import { reference } from "edgewise/engines/reference";
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
    prepared = await prepare(scene, { cells: 600 });
    result = await segment(prepared, scene.clicks);
  });

  it("finds the regions of a scene from one click in each: mean IoU above 0.95", () => {
    expect(meanIntersectionOverUnion(scene.regions, result.mask)).toBeGreaterThan(0.95);
  });

  it("answers with a distribution for each cell and pixel, and its entropy in nats", () => {
    const { posterior, entropy } = result;
    expect(posterior).toHaveLength(3 * prepared.fine.cells.count);
    expect(entropy).toHaveLength(scene.width * scene.height);
    for (let cell = 0; cell < prepared.fine.cells.count; cell++) {
      const [sky, ground, sun] = posterior.subarray(cell * 3, cell * 3 + 3);
      expect(sky! + ground! + sun!).toBeCloseTo(1, 9);
    }
    const maps = [0, 1, 2].map((label) => result.probability(label));
    entropy.forEach((nats, pixel) => {
      const own = maps.map((map) => map[pixel]!);
      expect(own.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 5);
      const expected = own.reduce((sum, p) => sum - (p > 0 ? p * Math.log(p) : 0), 0);
      expect(nats).toBeCloseTo(expected, 4);
    });
  });

  it("gives the same bytes again, also after other clicks were tried in between", async () => {
    await segment(prepared, { ...scene.clicks, clicks: scene.clicks.clicks.slice(1) });
    const again = await segment(await prepare(scene, { cells: 600 }), scene.clicks);
    const later = await segment(prepared, scene.clicks);
    for (const other of [again, later]) {
      expect(other.mask).toEqual(result.mask);
      expect(other.posterior).toEqual(result.posterior);
      expect(other.entropy).toEqual(result.entropy);
    }
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
    const { mask } = await segment(await prepare(large, { cells: 400 }), large.clicks);
    expect(meanIntersectionOverUnion(large.regions, mask)).toBeGreaterThan(0.95);
    // Two photo pixels that fall on one working pixel, which can have one label only.
    const dots = [
      { x: 150, y: 501, label: 0, radius: 0 },
      { x: 151, y: 501, label: 2, radius: 0 },
    ];
    const clicks = [...large.clicks.clicks, ...dots];
    const dotted = await segment(await prepare(large, { cells: 400 }), { ...large.clicks, clicks });
    for (const { x, y, label } of dots) expect(dotted.mask[y * large.width + x]).toBe(label);
  });

  it.each([0, 2201, 2.5, Number.NaN])(
    "refuses %d cells and says how many there may be",
    async (cells) => {
      await expect(prepare(scene, { cells })).rejects.toThrow(
        /bad_option in prepare\s+got\s+cells = .*\s.*2200/,
      );
    },
  );

  it("gives the same bytes whatever the order of the marks", async () => {
    const clicks = [
      ...scene.clicks.clicks,
      { x: 40, y: 20, label: 0, radius: 6 },
      { x: 44, y: 22, label: 1, radius: 6 },
      { x: 100, y: 110, label: 1, radius: 3 },
    ];
    const strokes = [
      { points: [[10, 100] as const, [60, 104] as const], radius: 3, label: 1 },
      { points: [[50, 98] as const, [90, 108] as const], radius: 3, label: 0 },
    ];
    const { labels } = scene.clicks;
    const one = await segment(prepared, { labels, clicks, strokes });
    const other = await segment(prepared, {
      ...{ labels, clicks: clicks.toReversed(), strokes: strokes.toReversed() },
    });
    expect(other.mask).toEqual(one.mask);
    expect(other.posterior).toEqual(one.posterior);
  });

  it("a disc that leaks over a border does not turn what lies beyond it", async () => {
    const [width, height] = [400, 300];
    const data = Uint8Array.from({ length: 3 * width * height }, (_, k) =>
      Math.floor(k / 3) % width < 200 ? 50 : 200,
    );
    const halves = await prepare({ width, height, data });
    const two = [
      { x: 100, y: 150, label: 0, radius: 6 },
      { x: 300, y: 150, label: 1, radius: 6 },
    ];
    const wrong = async (x: number): Promise<number> => {
      const clicks = [...two, { x, y: 30, label: 1, radius: 6 }];
      const { mask } = await segment(halves, { labels: ["a", "b"], clicks, strokes: [] });
      return mask.filter((label, k) => label !== Number(k % width >= 200)).length;
    };
    // The painted pixels themselves keep their label.
    expect(await wrong(204)).toBeLessThan(60);
    expect(await wrong(202)).toBeLessThan(60);
  });

  it("refuses marks and options that it cannot work with", async () => {
    const none = { labels: ["a"], clicks: [], strokes: [] };
    await expect(segment(prepared, none)).rejects.toThrow(/bad_clicks.*\s.*no clicks/);
    const outside = [{ x: -100, y: -100, label: 0, radius: 3 }];
    await expect(segment(prepared, { ...none, clicks: outside })).rejects.toThrow(/cover no pixel/);
    const nameless = [{ x: 1, y: 1, label: 4, radius: 3 }];
    await expect(segment(prepared, { ...none, clicks: nameless })).rejects.toThrow(/label 4/);
    expect(() => result.probability(3)).toThrow(/bad_option/);
    const beliefs = (own: object) => prepare(scene, { beliefs: own });
    await expect(beliefs({ bogus: 1 })).rejects.toThrow(/bogus/);
    await expect(beliefs({ steps: Number.NaN })).rejects.toThrow(/steps = NaN/);
    const extra = { width: 2, height: 2, channels: 1, data: new Float32Array(3), weight: 1 };
    await expect(prepare(scene, { extra })).rejects.toThrow(/extra with 3 numbers/);
  });

  it("agrees with the reference engine up to rounding", async () => {
    const slow = await segment(
      await prepare(scene, { cells: 600, engine: reference() }),
      scene.clicks,
    );
    let most = 0;
    slow.posterior.forEach((share, k) => {
      most = Math.max(most, Math.abs(share - result.posterior[k]!));
    });
    expect(most).toBeLessThan(1e-4);
  });

  it("each of the two ideas changes what comes out, and none breaks it", async () => {
    const clicks = [...scene.clicks.clicks, { x: 40, y: 40, label: 1, radius: 3 }];
    const plain = await segment(prepared, { ...scene.clicks, clicks });
    for (const ideas of [{ keys: true }, { values: true }, { keys: true, values: true }]) {
      const { mask } = await segment(prepared, scene.clicks, ideas);
      expect(meanIntersectionOverUnion(scene.regions, mask)).toBeGreaterThan(0.95);
      const { posterior } = await segment(prepared, { ...scene.clicks, clicks }, ideas);
      expect(posterior).not.toEqual(plain.posterior);
    }
  });
});

describe("segment on an even surface", () => {
  const grey = { width: 300, height: 200, data: new Uint8Array(300 * 200 * 3).fill(128) };
  let prepared: Prepared;
  beforeAll(async () => {
    prepared = await prepare(grey);
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
  const { mask } = await segment(await prepare(scene), scene.clicks);
  const alone = mask.filter((label, pixel) =>
    around(pixel, scene.width, scene.height).every((next) => mask[next] !== label),
  );
  expect(alone).toHaveLength(0);
});
