/**
 * Folds that engines cut into tiles, at lengths around the tiles' edges. Nothing here knows where
 * these are: the lengths lie around every multiple that a register, a panel, a block of rows or a
 * tile may have.
 */
import {
  causal,
  cross,
  distanceDecay,
  gaussian,
  given,
  hopfield,
  type Inputs,
  type Model,
  type Prepared,
  parameter,
  prepare,
  probabilistic,
  type Reading,
  relative,
  scored,
  self,
  slot,
  softcap,
  type Tensor,
  union,
  window,
  withoutSelf,
} from "edgewise";
import { compile } from "edgewise/compile";
import type { Program } from "edgewise/ir";
import { random, the } from "../random.ts";
import { agrees, expected, type Recorder, recorder } from "./agreement.ts";
import { cotangent } from "./cases.ts";
import type { Tried } from "./engines.ts";
import { drawnInputs, type Lengths } from "./inputs.ts";

/** Around every multiple that matters, up to a thousand. */
export const boundaries: readonly number[] = [
  ...[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 15, 16, 17, 23, 24, 25, 31, 32, 33],
  ...[47, 48, 49, 50, 63, 64, 65, 66, 71, 72, 73, 95, 96, 97, 127, 128, 129],
  ...[143, 144, 145, 191, 192, 193, 215, 216, 217, 239, 240, 241, 255, 256, 257, 287, 288, 289],
  ...[479, 480, 481, 511, 512, 513, 720, 959, 960, 961, 1000],
];
const widths = [1, 2, 3, 4, 5, 7, 8, 9, 12, 16, 17, 31, 32, 33, 64, 65, 128];

/** A fold, and how it is asked for at given numbers of receivers and senders. */
export interface Folding {
  readonly claim: string;
  readonly model: Model;
  readonly read: readonly Reading[];
  /** Receivers and senders for two lengths; both as they are by default. */
  readonly nodes?: (n: number, m: number) => readonly [number, number];
  readonly lengths?: Lengths;
  /** Inputs that are not drawn at random. */
  readonly given?: (n: number, m: number, seed: number) => Inputs;
  readonly widest?: number;
  /** Edges beyond which the reference takes too long. */
  readonly most?: number;
}

const none = Number.NEGATIVE_INFINITY;
const usual = ["expectation", "logEvidence", "entropy"] as const;
const alike = (n: number): [number, number] => [n, n];
/** As many senders as receivers or more. */
const rising = (n: number, m: number): [number, number] => [Math.min(n, m), Math.max(n, m)];
const few =
  (most: number) =>
  (n: number, m: number): [number, number] => [2 + (n % most), m];

/** Whole tiles that are forbidden, rows without edges, and rows whose first edge comes late. */
function forbidding(n: number, m: number, seed: number): Inputs {
  const { next } = random(seed + 1000);
  const data = new Float32Array(n * m);
  for (let i = 0; i < n; i++) {
    const kind = Math.floor(next() * 6);
    const first = kind === 0 ? m : kind === 1 ? Math.floor(next() * m) : kind === 2 ? m - 1 : 0;
    for (let j = 0; j < m; j++) {
      const isForbidden = j < first || (kind === 3 && j >= m / 2) || (kind === 4 && next() < 0.5);
      data[i * m + j] = isForbidden ? none : 2 * next() - 1;
    }
  }
  return { log_prior: { data, shape: [1, 1, n, m] } };
}

export const foldings: readonly Folding[] = [
  { claim: "dense attention", model: cross(), read: usual, widest: 128 },
  {
    claim: "the posterior, what is sent, and its mass",
    model: cross(),
    read: ["posterior", "scatter", "mass"],
    widest: 33,
  },
  { claim: "the past", model: self({ graph: causal() }), read: usual, nodes: alike },
  {
    claim: "the past with the last receivers aligned",
    model: self({ graph: causal(), offset: "last" }),
    read: [...usual, "scatter"],
    nodes: rising,
  },
  {
    claim: "the past under slopes",
    model: self({ graph: causal(), prior: distanceDecay({ slope: parameter("slope", ["H"]) }) }),
    read: usual,
    lengths: { H: 2 },
    widest: 33,
  },
  {
    claim: "slopes to both sides",
    model: relative({ prior: distanceDecay({ slope: 0.05 }), offset: 7 }),
    read: usual,
  },
  { claim: "a narrow window", model: self({ graph: window({ back: 5, ahead: 3 }) }), read: usual },
  {
    claim: "a wide window without self-edges",
    model: self({ graph: window({ back: 70, ahead: -1 }) }),
    read: [...usual, "mass"],
  },
  {
    claim: "everybody else",
    model: self({ graph: withoutSelf() }),
    read: usual,
  },
  {
    claim: "two windows",
    model: self({
      graph: union(window({ back: 0, ahead: 3 }), window({ back: 40, ahead: -30 })),
    }),
    read: usual,
  },
  {
    claim: "a log prior that forbids",
    model: cross({ prior: given() }),
    read: [...usual, "mass"],
    given: forbidding,
  },
  {
    claim: "a table of offsets",
    model: relative({ graph: window({ back: 100, ahead: 60 }) }),
    read: usual,
  },
  {
    claim: "four heads of two groups",
    model: cross(),
    read: usual,
    lengths: { H: 4, G: 2 },
    widest: 33,
  },
  {
    claim: "distances under a precision for each sender",
    model: cross({ potential: gaussian({ precision: parameter("precision", ["B", "H", "M"]) }) }),
    read: usual,
  },
  {
    claim: "capped scores at a learned temperature",
    model: cross({
      potential: softcap({ cap: parameter("cap", ["H"]) }),
      temperature: parameter("temperature", ["H"]),
    }),
    read: usual,
  },
  {
    claim: "scores that a text forbids",
    model: cross({ potential: scored("where(score < 0.9, score, forbidden)") }),
    read: ["expectation", "logEvidence"],
  },
  {
    claim: "senders that choose receivers",
    model: cross({ chooser: "sender", graph: causal() }),
    read: ["expectation", "mass", "logEvidence"],
  },
  {
    claim: "slots that take sums of inputs",
    model: slot({ maxIterations: 2 }),
    read: ["slots", "responsibilities"],
    nodes: few(9),
    widest: 17,
  },
  {
    claim: "slots that take means of inputs by distance",
    model: slot({ update: "mean", responsibilities: "distance", maxIterations: 2 }),
    read: ["slots"],
    nodes: few(9),
    widest: 17,
  },
  {
    claim: "states that recall patterns",
    model: hopfield({ maxIterations: 2, precision: 0.2 }),
    read: ["state"],
    nodes: few(67),
    widest: 33,
  },
  {
    claim: "a mixture that adapts",
    model: probabilistic({ keyIterations: 1, valueIterations: 1, annotated: true }),
    read: ["expectation", "key", "value"],
    widest: 17,
    most: 1500,
  },
];

/** A fold prepared once, and asked at many lengths. */
export class Asker {
  private readonly folding: Folding;
  private readonly tried: readonly Tried[];
  private readonly recorder: Recorder = recorder();
  private readonly whole: Program;
  private attend: Prepared<Reading> | undefined;

  constructor(folding: Folding, tried: readonly Tried[]) {
    this.folding = folding;
    this.tried = tried;
    this.whole = compile(folding.model);
  }

  /** Asserts that all engines agree at the k-th pair of lengths; its widths and seed follow k. */
  async agrees(n: number, m: number, k: number): Promise<void> {
    const { claim, model, read, nodes, lengths, widest = 65, most = Infinity } = this.folding;
    this.attend ??= await prepare(model, { engine: this.recorder.engine, read });
    const [N, M] = nodes === undefined ? [n, m] : nodes(n, m);
    if (N * M > most) return;
    const some = widths.filter((width) => width <= widest);
    const [D, V] = [some[(5 * k + 2) % some.length], some[(3 * k + 1) % some.length]];
    const all = { B: 1, H: 1 + (k % 2), N, M, D: D as number, V: V as number, ...lengths };
    const given = this.folding.given?.(N, M, k);
    const inputs = drawnInputs(this.whole, { lengths: all, seed: k, ...(given && { given }) });
    const { asked } = this.recorder;
    asked.length = 0;
    const readings = this.attend.sync(inputs) as unknown as Record<string, Tensor>;
    const cotangents = read.map((name) => [name, cotangent(the(readings, name), name)] as const);
    this.attend.gradientSync(inputs, Object.fromEntries(cotangents));
    const where = `${claim}: N ${N}, M ${M}, D ${D}, V ${V}`;
    for (const [part, one] of asked.entries())
      await agrees(this.tried, expected(`${where}${part === 0 ? "" : ", gradient"}`, one));
  }
}
