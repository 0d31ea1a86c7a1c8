import { reference } from "edgewise/engines/reference";
import { describe, expect, it } from "vitest";
import { beginning } from "../state/view.ts";
import { infer } from "./infer.ts";
import { mechanisms } from "./mechanisms.ts";
import { csvOf, placed, pointAt, sceneOf, svgOf } from "./scene.ts";

describe("what is inferred", () => {
  it.each(Object.keys(mechanisms))("%s: rows of its posteriors add up to 1", async (mechanism) => {
    const { frames } = await infer({ ...beginning, mechanism }, reference());
    for (const { posterior, receivers, senders, entropy } of frames) {
      expect(posterior).toHaveLength(receivers.length * senders.length);
      expect(entropy).toHaveLength(receivers.length);
      receivers.forEach((_, row) => {
        const own = posterior.subarray(row * senders.length, (row + 1) * senders.length);
        expect(own.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 5);
        const nats = own.reduce((sum, p) => sum - (p > 0 ? p * Math.log(p) : 0), 0);
        expect(entropy[row]).toBeCloseTo(nats, 4);
      });
    }
  });

  it.each(["hopfield", "slot"])("%s: its free energy never rises", async (mechanism) => {
    const { frames } = await infer({ ...beginning, mechanism }, reference());
    expect(frames).toHaveLength(17);
    frames.slice(1).forEach(({ freeEnergy }, k) => {
      expect(freeEnergy).toBeLessThanOrEqual((frames[k]?.freeEnergy as number) + 1e-6);
    });
  });

  it("self attention by hand: nodes as likely as exp(−precision · distance² / 2)", async () => {
    const points = [
      [0, 0],
      [0.5, 0],
      [0, 1],
    ] as const;
    const view = { ...beginning, points, settings: { precision: 2, temperature: 1 } };
    const [frame] = (await infer(view, reference())).frames;
    const weights = [0, 0.25, 1].map((squared) => Math.exp(-squared));
    const total = weights.reduce((a, b) => a + b);
    for (const [k, weight] of weights.entries())
      expect(frame?.posterior[k]).toBeCloseTo(weight / total, 6);
    expect(frame?.logEvidence?.[0]).toBeCloseTo(Math.log(total / 3), 5);
  });
});

describe("what is drawn", () => {
  it("has the heaviest edges, and every node", async () => {
    const { frames } = await infer({ ...beginning, mechanism: "cross" }, reference());
    const frame = frames[0] as (typeof frames)[0];
    const { edges, nodes } = sceneOf(frame, "halves", 1);
    expect(nodes.map(({ index }) => index)).toEqual(beginning.points.map((_, k) => k));
    expect(edges.every(({ weight }) => weight >= 0.02)).toBe(true);
    expect(
      edges.filter(({ isTraced }) => isTraced).every(({ from }) => from === frame.receivers[1]),
    ).toBe(true);
    expect(svgOf({ edges, nodes }).match(/<line/g)).toHaveLength(edges.length);
    expect(csvOf(frame).trim().split("\n")).toHaveLength(7);
  });

  it("stands where it is pointed at", () => {
    const [x, y] = placed([0.3, -0.7], 500);
    const back = pointAt(x, y, 500);
    expect(back[0]).toBeCloseTo(0.3, 12);
    expect(back[1]).toBeCloseTo(-0.7, 12);
    expect(pointAt(-50, 900, 500)).toEqual([-1, -1]);
  });
});
