/**
 * Scenes of a few regions, in which one is to be told from the rest.
 *
 * @source docs: the README beside this file says where it comes from and what the paper leaves open.
 */
import { normals, uniforms } from "edgewise";

export interface SceneOptions {
  /** Tokens along each side of the square. */
  readonly side: number;
  readonly regions: number;
  readonly width: number;
  /** Deviation of features within a region. */
  readonly featureNoise: number;
  /** Share of the label in the values before any click, whose deviation is 1. */
  readonly hint: number;
  /** A target has at least so many tokens, and leaves as many. */
  readonly leastTarget: number;
}

/** One scene: a row for each token. */
export interface Scene {
  /** 1 in the target, −1 elsewhere. */
  readonly labels: Float32Array;
  readonly features: Float32Array;
  /** Unit noise, to be added to features where keys are made of them. */
  readonly keyNoise: Float32Array;
  readonly values: Float32Array;
}

/** Scenes of a seed; more of them begin with the same ones. */
export function drawnScenes(options: SceneOptions, count: number, seed: number): Scene[] {
  const scenes: Scene[] = [];
  const tokens = options.side ** 2;
  for (let k = 0; scenes.length < count; k++) {
    const scene = drawnScene(options, 100_003 * seed + k);
    const target = scene.labels.filter((label) => label > 0).length;
    if (Math.min(target, tokens - target) >= options.leastTarget) scenes.push(scene);
  }
  return scenes;
}

function drawnScene(options: SceneOptions, seed: number): Scene {
  const { side, width, featureNoise, hint } = options;
  const normal = normals(seed);
  const regions = voronoi(side, options.regions, uniforms(seed ^ 0x2545f491));
  const means = Array.from({ length: options.regions }, () =>
    Array.from({ length: width }, normal),
  );
  const labels = Float32Array.from(regions, (region) => (region === 1 ? 1 : -1));
  const features = Float32Array.from({ length: regions.length * width }, (_, k) => {
    const mean = means[regions[Math.floor(k / width)] as number] as number[];
    return (mean[k % width] as number) + featureNoise * normal();
  });
  const keyNoise = Float32Array.from(features, normal);
  const values = labels.map((label) => hint * label + normal());
  return { labels, features, keyNoise, values };
}

/** Region of each token: that of the nearest of some sites. */
function voronoi(side: number, count: number, uniform: () => number): number[] {
  const sites = Array.from({ length: count }, () => [side * uniform(), side * uniform()] as const);
  return Array.from({ length: side * side }, (_, token) => {
    const [x, y] = [(token % side) + 0.5, Math.floor(token / side) + 0.5];
    const distances = sites.map(([u, v]) => (x - u) ** 2 + (y - v) ** 2);
    return distances.indexOf(Math.min(...distances));
  });
}
