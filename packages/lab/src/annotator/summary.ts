/** What a benchmark of photos comes to. */
import { interval, mean } from "../experiment/statistics.ts";
import { arms, type PhotoResult, policies, usualArm } from "./benchmark.ts";
import type { Peers } from "./peers.ts";

/** A mean over photos, and the interval that holds 95 % of its bootstrap. */
export interface Estimate {
  readonly mean: number;
  readonly interval: readonly [low: number, high: number];
}

export interface Arm {
  /** Mean IoU by clicks beyond one a region. */
  readonly miou: Readonly<Record<string, number>>;
  /** Gain over the first arm, photo by photo. */
  readonly gain: Readonly<Record<string, Estimate>>;
}

export interface Summary {
  readonly photos: number;
  readonly miou: Readonly<Record<string, number>>;
  readonly update_ms: Quantiles;
  readonly prepare_ms: Quantiles;
  readonly arms: Readonly<Record<string, Arm>>;
  /** Mean IoU of each peer, and gain over it, photo by photo. */
  readonly peers: Readonly<Record<string, Arm>>;
  /** Mean IoU where clicks are suggested, and gain over clicks at random where the mask is wrong. */
  readonly suggestions: Readonly<Record<string, Arm>>;
}

interface Quantiles {
  readonly median: number;
  readonly p95: number;
}

/** Numbers of clicks that are told: those of the peers' table, and the last one. */
export const marksOf = (clicks: number): number[] =>
  [...new Set([0, 5, 10, 20, clicks])].filter((mark) => mark <= clicks).sort((a, b) => a - b);

export const estimate = (values: readonly number[]): Estimate => ({
  mean: mean(values),
  interval: interval(values),
});

const quantiles = (values: readonly number[]): Quantiles => {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] as number;
  return { median: at(0.5), p95: at(0.95) };
};

export function summarise(results: readonly PhotoResult[], clicks: number, peers: Peers): Summary {
  const marks = marksOf(clicks);
  /** An arm from its scores and its rival's, of the photos that have both. */
  const arm = (
    own: (result: PhotoResult, mark: number) => number | undefined,
    rival: (result: PhotoResult, mark: number) => number | undefined,
  ): Arm => {
    const [miou, gain]: [[string, number][], [string, Estimate][]] = [[], []];
    for (const mark of marks) {
      const pairs = results.flatMap((result): [number, number][] => {
        const [a, b] = [own(result, mark), rival(result, mark)];
        return a === undefined || b === undefined ? [] : [[a, b]];
      });
      if (pairs.length === 0) continue;
      miou.push([String(mark), mean(pairs.map(([a]) => a))]);
      gain.push([String(mark), estimate(pairs.map(([a, b]) => a - b))]);
    }
    return { miou: Object.fromEntries(miou), gain: Object.fromEntries(gain) };
  };
  const ofArm = (name: string) => (result: PhotoResult, mark: number) => result.arms[name]?.[mark];
  const usual = ofArm(usualArm);
  const byArm = Object.fromEntries(
    Object.keys(arms).map((name) => [name, arm(ofArm(name), usual)]),
  );
  const byPeer = [...peers].map(([name, photos]): [string, Arm] => {
    const peer = (result: PhotoResult, mark: number) => photos.get(result.name)?.get(mark);
    const { gain } = arm(usual, peer);
    return [name, { miou: arm(peer, peer).miou, gain }];
  });
  const byPolicy = policies.map((name) => {
    const of = (policy: typeof name) => (result: PhotoResult, mark: number) =>
      result.policies[policy][mark];
    return [name, arm(of(name), of("random wrong pixel"))];
  });
  return {
    photos: results.length,
    miou: byArm[usualArm]?.miou ?? {},
    update_ms: quantiles(results.flatMap(({ updateMilliseconds }) => updateMilliseconds)),
    prepare_ms: quantiles(results.map(({ prepareMilliseconds }) => prepareMilliseconds)),
    arms: byArm,
    peers: Object.fromEntries(byPeer),
    suggestions: Object.fromEntries(byPolicy),
  };
}
