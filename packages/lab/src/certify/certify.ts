import { type LatentModel, normals, type Tensor, uniforms } from "edgewise";
import { compile } from "edgewise/compile";
import { reference } from "edgewise/engines/reference";
import { simplify } from "edgewise/ir";
import type { Draw, Family } from "./draws.ts";

/** What following many random models showed. */
export interface Certificate {
  readonly family: string;
  readonly draws: number;
  /** Energies compared: one for each update of each model, or of each of its nodes. */
  readonly updates: number;
  /** Updates after which the free energy was higher, rounding apart. */
  readonly rises: number;
  /** Updates that lowered it by less than ½ ‖z⁺ − z‖², rounding apart; absent where that is not promised. */
  readonly shortfalls?: number;
  /** Largest rise, as a share of the terms that the energy is made of. */
  readonly largestRise: number;
  readonly milliseconds: number;
}

/** Engine that certifies: rises are told from rounding at a share that needs double precision. */
const engine = reference();
export const certifyEngine: string = engine.name;
/** Share of an energy's terms that rounding can move it by. */
const rounding = 1e-12;
/** Updates that each model is followed for, the first from a random state. */
const rounds = 4;
/**
 * Follows random models for a few updates each and counts where the free energy rose.
 *
 * @source docs/mathematics.md, 4.2: F(z⁺) ≤ F(z) − ½ ‖z⁺ − z‖² for concave–convex steps.
 */
export function certify(
  family: string,
  drawn: Family,
  options: {
    readonly draws: number;
    readonly seed: number;
    readonly onProgress?: (done: number) => void;
  },
): Certificate {
  const started = performance.now();
  const source = { normal: normals(options.seed), uniform: uniforms(options.seed + 1) };
  const tally: Tally = { updates: 0, rises: 0, shortfalls: 0, largestRise: 0 };
  let isSufficient = false;
  const prepared = new Map<string, Follow>();
  for (let done = 1; done <= options.draws; done++) {
    const draw = drawn(source);
    isSufficient = draw.sufficient.length > 0;
    // Declarations repeat with other numbers: each is compiled once.
    const words = JSON.stringify(draw.model);
    const follow = prepared.get(words) ?? lowered(draw.model);
    if (prepared.size < mostPrepared) prepared.set(words, follow);
    track(draw, follow, tally);
    options.onProgress?.(done);
  }
  const { shortfalls, ...counted } = tally;
  return {
    family,
    draws: options.draws,
    ...counted,
    ...(isSufficient && { shortfalls }),
    milliseconds: performance.now() - started,
  };
}

interface Tally {
  updates: number;
  rises: number;
  shortfalls: number;
  largestRise: number;
}

/** Runs one update of a model. */
type Follow = (inputs: Record<string, Tensor>) => Readonly<Record<string, Tensor>>;

const mostPrepared = 200;

function lowered(model: LatentModel): Follow {
  const program = compile(model);
  const read = [...model.latents.map(({ tensor }) => tensor), "freeEnergy", "magnitude"];
  // Read without the refusal of a rise that `prepare` makes: here rises are counted.
  const outputs = Object.fromEntries(read.map((name) => [name, program.outputs[name] as string]));
  const artifact = engine.lower(simplify({ ...program, outputs }));
  return (inputs) => engine.runSync(artifact, inputs).outputs;
}

function track({ model, inputs, sufficient }: Draw, follow: Follow, tally: Tally): void {
  const states = model.latents.map(({ tensor }) => tensor);
  let now: Record<string, Tensor> = { ...inputs };
  for (let round = 0; round < rounds; round++) {
    const answer = follow(now);
    const { freeEnergy, magnitude } = answer as { freeEnergy: Tensor; magnitude: Tensor };
    // One update: every energy stands before and after.
    for (let k = 0; k < freeEnergy.data.length; k += 2) {
      const terms = Math.max(magnitude.data[k] as number, magnitude.data[k + 1] as number);
      const rise = (freeEnergy.data[k + 1] as number) - (freeEnergy.data[k] as number);
      const moved = sufficient.reduce(
        (sum, name) =>
          sum + movedIn(now[name] as Tensor, answer[name] as Tensor, k / 2, freeEnergy),
        0,
      );
      tally.updates++;
      // Negated, so that what is not a number counts.
      if (!(rise <= rounding * terms)) tally.rises++;
      if (!(rise + moved / 2 <= rounding * terms)) tally.shortfalls++;
      if (rise > 0) tally.largestRise = Math.max(tally.largestRise, rise / terms);
    }
    now = { ...now, ...Object.fromEntries(states.map((name) => [name, answer[name] as Tensor])) };
  }
}

/** ‖z⁺ − z‖² of the part of a state whose energy is the k-th. */
function movedIn(before: Tensor, after: Tensor, k: number, energy: Tensor): number {
  const parts = energy.data.length / 2;
  const length = before.data.length / parts;
  let sum = 0;
  for (let d = k * length; d < (k + 1) * length; d++)
    sum += ((after.data[d] as number) - (before.data[d] as number)) ** 2;
  return sum;
}
