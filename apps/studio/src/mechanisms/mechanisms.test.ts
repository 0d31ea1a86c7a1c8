import { reference } from "edgewise/engines/reference";
import { writeSafetensors } from "edgewise/io";
import { describe, expect, it } from "vitest";
import { beginning, type Shown, sentence, settingOf, type View } from "../state/view.ts";
import { asker } from "./ask.ts";
import { dataOf, tokensOf } from "./data.ts";
import { mechanismOf, mechanisms } from "./index.ts";
import type { Course } from "./mechanism.ts";
import { type OwnFile, ownFileOf } from "./ownFile.ts";

const { ask } = asker(reference());
const courseOf = (view: View, file?: OwnFile): Promise<Course> => {
  const mechanism = mechanismOf(view.mechanism);
  const settings = (name: string): number => settingOf(view, name);
  return mechanism.course(mechanism.model(settings), dataOf(view, file), settings, ask);
};

const names = Object.keys(mechanisms);
const text: Shown = { kind: "text", text: sentence, unit: "words" };
const ownFile = (): Promise<OwnFile> => {
  const draw = (nodes: number, from: number) => ({
    dtype: "F32" as const,
    shape: [2, nodes, 4],
    data: Float32Array.from({ length: 8 * nodes }, (_, k) => Math.sin(from + 1.7 * k)),
  });
  const tensors = { query: draw(7, 1), key: draw(9, 2), value: draw(9, 3) };
  return ownFileOf("own.safetensors", writeSafetensors(new Map(Object.entries(tensors))));
};

/** Rows of these are no shares of 1: switches, weights below 0, what is not a root. */
const isShare = (name: string): boolean =>
  !["feed-forward", "conditional-mean", "tree"].includes(name);

function check(name: string, { frames, receivers, senders, isSigned }: Course): void {
  expect(frames.length).toBeGreaterThan(0);
  for (const [k, frame] of frames.entries()) {
    const [rows, columns] = [frame.receivers.length, frame.senders.length];
    expect([receivers.labels.length, receivers.nodes.length]).toEqual([rows, rows]);
    expect([senders.labels.length, senders.nodes.length]).toEqual([columns, columns]);
    expect(frame.weights).toHaveLength(rows * columns);
    expect(frame.weights.every(Number.isFinite)).toBe(true);
    // Rounds of Sinkhorn before the last one leave rows that miss.
    if (isSigned || (name === "matching" && k < frames.length - 1)) continue;
    expect(frame.weights.every((share) => share >= 0 && share < 1 + 1e-5)).toBe(true);
    if (!isShare(name)) continue;
    for (let row = 0; row < rows; row++) {
      const own = frame.weights.subarray(row * columns, (row + 1) * columns);
      expect(own.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 4);
      const nats = own.reduce((sum, p) => sum - (p > 0 ? p * Math.log(p) : 0), 0);
      expect(frame.entropy?.[row]).toBeCloseTo(nats, 3);
    }
  }
}

describe("the posterior of every mechanism", () => {
  it("has the names of the command line, and causal attention", () => {
    const expected = [
      ...["absolute", "block-slot", "causal", "chain", "classifier", "conditional-mean", "cross"],
      ...["expanding", "feed-forward", "graph", "hard", "hopfield", "matching", "motif"],
      ...["multihop", "predictive-coding", "probabilistic", "relative", "rotary", "self", "slot"],
      "tree",
    ];
    expect([...names].sort()).toEqual(expected);
  });

  it.each(names)("%s: on points of the plane", async (mechanism) => {
    check(mechanism, await courseOf({ ...beginning, mechanism }));
  });

  it.each(names)("%s: on the words of a text", async (mechanism) => {
    check(mechanism, await courseOf({ ...beginning, mechanism, data: text }));
  });

  it.each(names)("%s: on queries, keys and values of a file", async (mechanism) => {
    const data: Shown = { kind: "file", name: "own.safetensors", head: 1 };
    const settings = { precision: 0.5, potential: 1 };
    const course = courseOf({ ...beginning, mechanism, data, settings }, await ownFile());
    // These are of one set of nodes.
    if (["absolute", "expanding", "multihop"].includes(mechanism))
      await expect(course).rejects.toThrow("key with shape [1, 1, 9, 4]");
    else check(mechanism, await course);
  });

  it.each(names)("%s: with each slider at either end", async (mechanism) => {
    for (const { name, least, most } of mechanismOf(mechanism).controls)
      for (const value of [least, most]) {
        const course = await courseOf({ ...beginning, mechanism, settings: { [name]: value } });
        for (const { weights } of course.frames)
          expect([name, value, weights.every(Number.isFinite)]).toEqual([name, value, true]);
      }
  });

  it.each(names)("%s: every choice that its sliders offer", async (mechanism) => {
    for (const { name, choices } of mechanismOf(mechanism).controls)
      for (const value of (choices ?? []).keys()) {
        const course = await courseOf({ ...beginning, mechanism, settings: { [name]: value } });
        expect(course.frames.at(-1)?.weights.every(Number.isFinite)).toBe(true);
      }
  });

  it.each(["hopfield", "slot", "block-slot", "predictive-coding"])(
    "%s: its free energy never rises",
    async (mechanism) => {
      const { frames, curve } = await courseOf({ ...beginning, mechanism });
      expect(frames.length).toBeGreaterThan(10);
      const energies = [...(curve?.values ?? [])];
      energies.slice(1).forEach((energy, k) => {
        expect(energy).toBeLessThanOrEqual((energies[k] as number) + 1e-5);
      });
      expect(energies.at(-1)).toBeLessThan(energies[0] as number);
    },
  );

  it("self attention by hand: nodes as likely as exp(−precision · distance² / 2)", async () => {
    const points = [
      [0, 0],
      [0.5, 0],
      [0, 1],
    ] as const;
    const view = { ...beginning, points, settings: { precision: 2, temperature: 1 } };
    const [frame] = (await courseOf(view)).frames;
    const weights = [0, 0.25, 1].map((squared) => Math.exp(-squared));
    const total = weights.reduce((a, b) => a + b);
    for (const [k, weight] of weights.entries())
      expect(frame?.weights[k]).toBeCloseTo(weight / total, 6);
    expect(frame?.logEvidence?.[0]).toBeCloseTo(Math.log(total / 3), 5);
    for (const share of frame?.prior ?? []) expect(share).toBeCloseTo(1 / 3, 5);
    expect(frame?.prior).toHaveLength(9);
  });

  it("keys of probabilistic attention drift, and explain the nodes better each time", async () => {
    const { frames, curve } = await courseOf({ ...beginning, mechanism: "probabilistic" });
    expect(frames).toHaveLength(9);
    expect(frames[0]?.senders).not.toEqual(frames[8]?.senders);
    expect(curve?.values.at(-1)).toBeGreaterThan(curve?.values[0] as number);
  });

  it("windows of expanding attention grow until little mass is outside", async () => {
    const course = await courseOf({ ...beginning, mechanism: "expanding" });
    const windows = [...(course.curve?.values ?? [])];
    expect(windows).toEqual([...windows].sort((a, b) => a - b));
    expect(windows.at(-1)).toBeGreaterThan(2 * (windows[0] as number));
    const reach = course.frames.map(({ weights }) => weights.filter((share) => share > 0).length);
    expect(reach.at(-1)).toBeGreaterThan(2 * (reach[0] as number));
  });

  it("draws of hard attention come closer to soft attention", async () => {
    const view = { ...beginning, mechanism: "hard", settings: { count: 40 } };
    const { curve, frames } = await courseOf(view);
    expect(frames).toHaveLength(40);
    expect(curve?.values.at(-1)).toBeLessThan((curve?.values[0] as number) / 2);
    expect((await courseOf(view)).frames[3]?.weights).toEqual(frames[3]?.weights);
  });

  it("a node of a tree has one head, or is a root", async () => {
    const { frames, more } = await courseOf({ ...beginning, mechanism: "tree" });
    const { weights, receivers } = frames[0] as (typeof frames)[0];
    receivers.forEach((_, row) => {
      const heads = weights.subarray(row * receivers.length, (row + 1) * receivers.length);
      const all = heads.reduce((a, b) => a + b, more["root"]?.[row] as number);
      expect(all).toBeCloseTo(1, 4);
    });
  });

  it("columns of a matching add up to 1 as well", async () => {
    const { frames } = await courseOf({ ...beginning, mechanism: "matching" });
    const weights = frames.at(-1)?.weights as Float32Array;
    for (let column = 0; column < 6; column++) {
      const sum = weights.reduce((all, share, at) => all + (at % 6 === column ? share : 0), 0);
      expect(sum).toBeCloseTo(1, 4);
    }
  });
});

describe("a text as nodes", () => {
  it("has its words, or its characters", () => {
    expect(tokensOf({ text: "Who reads, reads.", unit: "words" })).toEqual([
      ...["Who", "reads", ",", "reads", "."],
    ]);
    expect(tokensOf({ text: "ab b", unit: "characters" })).toEqual(["a", "b", " ", "b"]);
    expect(tokensOf({ text: "e\u0301👩‍👧", unit: "characters" })).toEqual(["e\u0301", "👩‍👧"]);
  });

  it("words that are the same have the same features; alike ones are nearer than others", () => {
    const { query } = dataOf({
      ...beginning,
      data: { kind: "text", text: "attend attends other attend", unit: "words" },
    });
    const row = (k: number) => query.features.subarray(k * query.width, (k + 1) * query.width);
    const distance = (a: number, b: number): number =>
      Math.hypot(...row(a).map((value, d) => value - (row(b)[d] as number)));
    expect(distance(0, 3)).toBe(0);
    expect(distance(0, 1)).toBeLessThan(0.7 * distance(0, 2));
  });
});

describe("a file of one's own", () => {
  it("gives queries, keys and values, head by head", async () => {
    const file = await ownFile();
    const at = (head: number) =>
      dataOf({ ...beginning, data: { kind: "file", name: "", head } }, file);
    expect([at(0).query.features[0], at(1).query.features[0]]).toEqual([
      Math.fround(Math.sin(1)),
      Math.fround(Math.sin(1 + 1.7 * 28)),
    ]);
    expect(at(0).key.places).toHaveLength(9);
  });

  it("reads npy, rows first", async () => {
    const { dump } = await import("npyjs");
    const bytes = new Uint8Array(dump(Float32Array.from([1, 2, 3, 4, 5, 6]), [3, 2]));
    const { query, key } = await ownFileOf("a.npy", bytes);
    expect([query.nodes, query.width, key === query]).toEqual([3, 2, true]);
    expect([...query.data]).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it.each([
    ["nothing", new Uint8Array(), /safetensors|header|bytes/],
    ["a picture", new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0, 0, 0, 0, 0, 0]), /.+/],
    ["npy cut short", new Uint8Array([0x93, 78, 85, 77, 80, 89, 1, 0, 200]), /npy/],
  ])("refuses %s, and says why", async (_, bytes, why) => {
    await expect(ownFileOf("x", bytes)).rejects.toThrow(why);
  });

  it.each([
    [{ a: [3, 2], b: [3, 2] }, /query, key and value/],
    [{ query: [3, 2], key: [3, 4] }, /features of queries and keys alike/],
    [{ query: [6] }, /\[nodes, features\]/],
    [{ query: [3, 2], key: [4, 2], value: [3, 2] }, /as many values as keys/],
    [{ query: [2001, 1] }, /at most 2000/],
  ])("refuses shapes %j", async (shapes, why) => {
    const tensors = Object.entries(shapes).map(
      ([name, shape]) =>
        [
          name,
          { dtype: "F32" as const, shape, data: new Float32Array(shape.reduce((a, b) => a * b)) },
        ] as const,
    );
    await expect(ownFileOf("x", writeSafetensors(new Map(tensors)))).rejects.toThrow(why);
  });
});
