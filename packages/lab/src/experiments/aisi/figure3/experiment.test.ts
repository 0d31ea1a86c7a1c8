import { expanding as mechanism, prepare, type Tensor } from "edgewise";
import { reference } from "edgewise/engines/reference";
import { describe, expect, it } from "vitest";
import type { Job, Row } from "../../../experiment/experiment.ts";
import { type Config, full, quick, schema } from "./config.ts";
import { type Batch, distanceAt, drawnBatch, drawnWorld, type World } from "./data.ts";
import { growing, type Head, KnownLook, tail, windowOf } from "./evaluate.ts";
import { expanding } from "./experiment.ts";
import { sharedLook } from "./groups.ts";
import { initial } from "./models.ts";
import { frontierAt, verdicts } from "./verdicts.ts";

const filled = (shape: number[], of: (k: number) => number): Tensor => {
  const data = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, k) => of(k));
  return { data, shape };
};

describe("a case by hand", () => {
  // Weights of 0: every score is 0, and what is predicted is 0.
  const task = { keys: 4, width: 2, gain: 0, noise: 0 };
  const world: World = {
    task,
    transition: new Float64Array(4),
    readout: Float64Array.of(1, 0),
  };
  const names = ["query_weight", "key_weight", "value_weight"];
  const head: Head = {
    engine: reference(),
    world,
    weights: {
      ...Object.fromEntries(names.map((name) => [name, filled([2, 2], () => 0)])),
      readout: filled([2], () => 1),
    },
  };
  const batch: Batch = {
    query: filled([2, 1, 1, 2], (k) => k),
    key: filled([2, 1, 4, 2], (k) => k),
    target: filled([2], (k) => k + 1),
    distances: [1, 3],
  };

  it("an expanding window covers what is within it, and costs keys and visits", async () => {
    // q is 1/2, 0.4, 0.3913, 0.3905: two keys are enough each time, and three updates are made.
    const found = await growing(head, batch, { alpha: 1, beta: 1, tail: 0.25 });
    expect(found).toEqual({
      nmse: (1 + 4) / 2,
      coverage: 0.5,
      window: 2,
      iterations: 3,
      // Two keys scored at 6, six visits at 3; self attention scores four keys.
      operations: (2 * 6 + 6 * 3) / (4 * 6),
    });
  });

  it("a prior that is known costs one visit, a uniform one none", async () => {
    const known = await KnownLook.of(head);
    expect(known.measure(batch, 0.1)).toMatchObject({ window: 2, operations: (2 * 9) / 24 });
    expect(known.measure(batch, 0.1).coverage).toBe(0.5);
    expect(known.measure(batch, 1)).toMatchObject({ window: 4, operations: 1, coverage: 1 });
  });

  it("a tail that is met exactly ends the window", () => {
    expect(windowOf(0.5, 64, 0.25)).toBe(2);
    expect(windowOf(0.95, 64)).toBe(64);
  });
});

describe("data", () => {
  it("distances are geometric within the keys", () => {
    // p, p (1 − p), … over 1 − (1 − p)⁴ = 15/16, for p = 1/2
    const bounds = [0, 8 / 15, 12 / 15, 14 / 15];
    for (const [h, bound] of bounds.entries()) {
      expect(distanceAt(bound + 1e-9, 0.5, 4)).toBe(h);
      if (h > 0) expect(distanceAt(bound - 1e-9, 0.5, 4)).toBe(h - 1);
    }
    expect(distanceAt(1 - 1e-12, 0.5, 4)).toBe(3);
  });

  it("the target is read from the key at the distance, of which the query tells", () => {
    const world = drawnWorld({ keys: 5, width: 4, gain: 2, noise: 0 }, 3);
    const { key, query, target, distances } = drawnBatch(world, [0.2, 0.5, 0.9], 8);
    for (const [b, distance] of distances.entries()) {
      const at = (b * 5 + 4 - distance) * 4;
      const x1 = Float64Array.from(key.data.slice(at, at + 4));
      const dot = (a: Float64Array) => a.reduce((sum, value, d) => sum + value * (x1[d] ?? 0), 0);
      expect(target.data[b]).toBeCloseTo(dot(world.readout), 5);
      for (let r = 0; r < 4; r++)
        expect(query.data[4 * b + r]).toBeCloseTo(
          dot(world.transition.subarray(4 * r, 4 * r + 4)),
          5,
        );
    }
  });
});

describe("one q for several queries", () => {
  it("is the mechanism's own where the queries are those of a sequence", async () => {
    const [nodes, width] = [24, 4];
    const engine = reference();
    const world = drawnWorld({ keys: nodes, width, gain: 2, noise: 0.5 }, 1);
    const weights = initial(width, 5);
    const drawn = drawnBatch(world, Array(nodes).fill(0.2), 2);
    const keys = drawn.key.data.slice(0, nodes * width);
    const key = { data: keys, shape: [1, 1, nodes, width] } as Tensor;
    const scaled = filled([nodes, width], (k) => 3 * (drawn.query.data[k] as number));
    const model = mechanism({ alpha: 1, beta: 2, tail, share: "group" });
    const read = ["expectation", "window", "iterations", "operations"] as const;
    const look = await prepare(model, { engine, read });
    const query = { data: scaled.data, shape: [1, 1, nodes, width] };
    const answer = look.sync({ query, key, value: key });

    // The same as sequences of their own, in which what comes before the first node is never seen.
    const identity = filled([width, width], (k) => Number(k % (width + 1) === 0));
    const names = ["query_weight", "key_weight", "value_weight"];
    const head: Head = {
      engine,
      world,
      weights: { ...weights, ...Object.fromEntries(names.map((name) => [name, identity])) },
    };
    const own = new Float32Array(nodes * nodes * width);
    for (let i = 0; i < nodes; i++)
      own.set(keys.slice(0, (i + 1) * width), (i * nodes + nodes - 1 - i) * width);
    const batch: Batch = {
      query: { data: scaled.data, shape: [nodes, 1, 1, width] },
      key: { data: own, shape: [nodes, 1, nodes, width] },
      target: drawn.target,
      distances: drawn.distances,
    };
    const available = Array.from({ length: nodes }, (_, i) => i + 1);
    const sharing = { alpha: 1, beta: 2, members: nodes, available };
    const shared = sharedLook(head, await KnownLook.of(head), batch, sharing);
    expect(shared.windows).toEqual([...answer.window.data]);
    expect(shared.iterations).toEqual([...answer.iterations.data]);
    const closing = 3 * shared.windows.reduce((a, b) => a + b, 0);
    expect(shared.operations + closing).toBe(answer.operations.data[0]);
    for (const [k, value] of answer.expectation.data.entries())
      expect(shared.expectation.data[k]).toBeCloseTo(value, 5);
  });
});

const tiny: Config = {
  ...quick,
  ...{ keys: 8, batch: 4, steps: 2, curveSteps: 4, groupSteps: 2, points: 2 },
  ...{ heldOut: 6, groupQueries: 8, width: 4, widths: [2, 4], members: 4, rules: true },
  ...{ curveKeys: [8, 6], gridKeys: [8, 12], gridStops: [0.5, 0.1], gridQueries: 4 },
};

describe("work", () => {
  it("gives the same rows twice, which every reading of them takes", async () => {
    schema.parse(tiny);
    const jobs = expanding.jobs(tiny, 1);
    const ran = async (job: Job) => await expanding.run(job, tiny, () => {});
    const rows: Row[] = [];
    for (const job of jobs) rows.push(...(await ran(job)).map((row) => ({ seed: 1, ...row })));
    const last = jobs.at(-1) as Job;
    expect(rows.filter((row) => row["part"] === "groups")).toEqual(
      (await ran(last)).map((row) => ({ seed: 1, ...row })),
    );
    expect(expanding.verdicts(rows, tiny).map(({ id }) => id)).toEqual(["K9", "K10", "K11", "K12"]);
    expect(expanding.figures(rows, tiny)).toHaveLength(8);
    const grid = rows.filter((row) => row["part"] === "grid");
    expect(grid).toHaveLength(2 * 2 * 2 * 7);
    // Twice the keys cost self attention twice as much, and a short fixed look the same.
    const of = (keys: number, arm: string) =>
      grid.find((row) => row["keys"] === keys && row["arm"] === arm && row["stop"] === 0.5);
    expect(of(12, "uniform")?.["operations"]).toBe(1);
    expect(of(12, "q known")?.["operations"]).toBeCloseTo(
      (Number(of(8, "q known")?.["operations"]) * 8) / 12,
      6,
    );
    expect(new Set(expanding.jobs(full, 5).map(({ key, seed }) => `${key} ${seed}`)).size).toBe(
      expanding.jobs(full, 5).length,
    );
  });
});

describe("verdicts", () => {
  const config: Config = { ...quick, widths: [4, 8], stops: [0.9, 0.5, 0.1], fixed: [0.8, 0.9] };
  /** Rows in which every claim comes out as is known of it, but for what is changed. */
  function rows(change: Partial<Record<string, number>> = {}): Row[] {
    const cell = (name: string, usual: number): number => change[name] ?? usual;
    const arm = (of: string, nmse: number, operations: number): Row => ({
      ...{ part: "groups", arm: of, nmse: cell(`${of} nmse`, nmse), operations },
      ...{ "window near": 8, "window far": 40 },
    });
    const curves = { part: "curve", keys: config.keys };
    const curve = (of: string, early: number, final: number): Row[] => [
      { ...curves, arm: of, isEarly: true, isFinal: false, nmse: cell(`${of} early`, early) },
      { ...curves, arm: of, isEarly: false, isFinal: true, nmse: cell(`${of} final`, final) },
    ];
    return [
      ...[0.7, cell("wide", 0.5)].map((operations, k) => {
        return { part: "width", width: [4, 8][k] as number, arm: "per query", operations };
      }),
      ...[0.05, 0.2, cell("distant", 1)].map((operations, k) => {
        return { part: "distance", stop: [0.9, 0.5, 0.1][k] as number, arm: "matched", operations };
      }),
      ...curve("self", 0.5, 0.3),
      ...curve("recency prior", 0.2, 0.2),
      ...[arm("q = 0.8", 0.3, 0.4), arm("q = 0.9", 0.2, 0.8)],
      ...[arm("per query, (1, 1)", 0.4, 0.3), arm("per query, (1, 4)", 0.25, 0.6)],
      ...[arm("per group, (1, 1)", 0.22, 0.6), arm("per group, (1, 4)", 0.15, 0.9)],
    ];
  }
  const told = (change?: Parameters<typeof rows>[0]) =>
    Object.fromEntries(verdicts(rows(change), config).map(({ id, verdict }) => [id, verdict]));

  it("say what the rows say", () => {
    expect(told()).toEqual({
      K9: "reproduced",
      K10: "conditional",
      K11: "not reproduced",
      K12: "conditional",
    });
  });

  it("turn where rows do", () => {
    expect(told({ wide: 0.69 })["K9"]).toBe("reproduced");
    expect(told({ wide: 0.71 })["K9"]).toBe("not reproduced");
    expect(told({ distant: 0.21 })["K10"]).toBe("conditional");
    expect(told({ distant: 0.19 })["K10"]).toBe("reproduced");
    const alike = { "recency prior final": 0.3 };
    expect(told({ ...alike, "recency prior early": 0.46 })["K11"]).toBe("reproduced");
    expect(told({ ...alike, "recency prior early": 0.44 })["K11"]).toBe("not reproduced");
    expect(told({ "per group, (1, 4) nmse": 0.197 })["K12"]).toBe("not reproduced");
    expect(told({ "per group, (1, 4) nmse": 0.195 })["K12"]).toBe("conditional");
    expect(told({ "per query, (1, 4) nmse": 0.246 })["K12"]).toBe("conditional");
    expect(told({ "per query, (1, 4) nmse": 0.244 })["K12"]).toBe("reproduced");
  });

  it("a frontier goes straight from one prior to the next, and on beyond the last", () => {
    const fixed = [
      [0.8, 0.2],
      [0.4, 0.3],
    ] as const;
    expect(frontierAt(0.6, fixed)).toBeCloseTo(0.25, 12);
    expect(frontierAt(0.2, fixed)).toBe(0.3);
    expect(frontierAt(1, fixed)).toBe(0.2);
  });
});
