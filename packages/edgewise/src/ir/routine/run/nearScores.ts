import type { RoutineArray } from "../routine.ts";

interface Options {
  readonly scale?: number;
  readonly softcap: number;
  readonly temperature: number;
  readonly nearest: number;
  readonly share: "query" | "group";
}

/** Scores that are kept in any case, however narrow the nodes. */
const kept = 2 ** 16;

/**
 * Scores of a head's queries with the keys before them, by distance: taken when they are first
 * asked for, and kept. Queries that take turns keep those of one query. Queries that share q all
 * come back in every iteration: each keeps as many as it has features (all of them up to 256 nodes)
 * and takes those beyond again, since all would be N²/2.
 */
export class NearScores {
  private readonly query: RoutineArray;
  private readonly key: RoutineArray;
  private readonly options: Options;
  private readonly length: number;
  private readonly features: number;
  private readonly scale: number;
  private readonly width: number;
  private readonly memory: Float64Array;
  private readonly greatestNorm: Float64Array;
  private queries = 0;
  private keys = 0;

  constructor(query: RoutineArray, key: RoutineArray, given: Readonly<Record<string, unknown>>) {
    const [length, features] = query.shape.slice(2) as [number, number];
    // The inference that writes this step gives every option.
    const options = given as unknown as Options;
    const together = options.share === "group";
    this.query = query;
    this.key = key;
    this.options = options;
    this.length = length;
    this.features = features;
    this.scale = options.scale ?? 1 / Math.sqrt(features);
    this.width = together ? Math.min(length, Math.max(features, kept / length)) | 0 : length;
    this.memory = new Float64Array(this.width * (together ? length : 1));
    this.greatestNorm = new Float64Array(length);
  }

  /** Turns to a head; its keys are those of group ⌊hG/H⌋. */
  enter(batch: number, head: number): void {
    const [heads, groups] = [this.query.shape[1] as number, this.key.shape[1] as number];
    const size = this.length * this.features;
    this.queries = (batch * heads + head) * size;
    this.keys = (batch * groups + Math.floor((head * groups) / heads)) * size;
    let greatest = 0;
    for (let j = 0; j < this.length; j++) {
      greatest = Math.max(greatest, this.norm(this.key.data, this.keys + j * this.features));
      this.greatestNorm[j] = greatest;
    }
  }

  /** Score of query i with the key at a distance; distances below `known` were asked for before. */
  at(i: number, distance: number, known: number): number {
    const place = (this.options.share === "group" ? i * this.width : 0) + distance;
    const fits = distance < this.width;
    if (fits && distance < known) return this.memory[place] as number;
    const score = this.score(i, i - this.options.nearest - distance);
    if (fits) this.memory[place] = score;
    return score;
  }

  /** A number that no score of query i exceeds: |scale| · ‖query‖ · max ‖key‖ / T, cap / T. */
  bound(i: number): number {
    const { softcap, temperature, nearest } = this.options;
    const norm = this.norm(this.query.data, this.queries + i * this.features);
    const greatest = this.greatestNorm[i - nearest] as number;
    return Math.min(Math.abs(this.scale) * norm * greatest, softcap) / temperature;
  }

  private score(i: number, j: number): number {
    const { softcap, temperature } = this.options;
    const [a, b] = [this.query.data, this.key.data];
    const [from, to] = [this.queries + i * this.features, this.keys + j * this.features];
    let dot = 0;
    for (let d = 0; d < this.features; d++) dot += (a[from + d] as number) * (b[to + d] as number);
    const score = this.scale * dot;
    const capped =
      softcap === Number.POSITIVE_INFINITY ? score : softcap * Math.tanh(score / softcap);
    return capped / temperature;
  }

  private norm(data: RoutineArray["data"], start: number): number {
    let square = 0;
    for (let d = 0; d < this.features; d++) square += (data[start + d] as number) ** 2;
    return Math.sqrt(square);
  }
}
