/** From a view to its posteriors: the one place of Explore that calls the library. */
import { type EdgeModel, type Engine, prepare, type Tensor } from "edgewise";
import { type Point, settingOf, type View } from "../state/view.ts";
import { type Mechanism, mechanismOf } from "./mechanisms.ts";

/** One posterior: all of it, or one update of an iteration. */
export interface Frame {
  /** Nodes that choose, and those that they choose among. */
  readonly receivers: readonly Point[];
  readonly senders: readonly Point[];
  /** [receivers, senders] */
  readonly posterior: Float32Array;
  /** Expected value of each receiver; of slots, where they go. */
  readonly expectation: readonly Point[];
  /** Nats, [receivers] */
  readonly entropy: Float32Array;
  /** Nats, [receivers]; absent of latent models */
  readonly logEvidence?: Float32Array;
  readonly freeEnergy?: number;
}

export interface Inferred {
  readonly frames: readonly Frame[];
  readonly milliseconds: number;
  /** Further numbers of each receiver, by name, of the last frame. */
  readonly more: Readonly<Record<string, Float32Array>>;
}

type Read = Readonly<Record<string, Tensor>>;

export async function infer(view: View, engine: Engine): Promise<Inferred> {
  const mechanism = mechanismOf(view.mechanism);
  const started = performance.now();
  const { kind } = mechanism;
  const found =
    kind === "nodes" || kind === "halves"
      ? await atOnce(view, mechanism, engine)
      : await inTurns(view, mechanism, engine);
  return { ...found, milliseconds: performance.now() - started };
}

type Found = Omit<Inferred, "milliseconds">;

async function atOnce(view: View, mechanism: Mechanism, engine: Engine): Promise<Found> {
  const { points } = view;
  const half = Math.ceil(points.length / 2);
  const isSplit = mechanism.kind === "halves";
  const receivers = isSplit ? points.slice(0, half) : points;
  const senders = isSplit ? points.slice(half) : points;
  // A mixture calls its posterior responsibilities.
  const weights = mechanism.read?.includes("key") ? "responsibilities" : "posterior";
  const read = [weights, "expectation", "entropy", "logEvidence", ...(mechanism.read ?? [])];
  const answer = await asked(view, mechanism, engine, read, {
    query: tensorOf(receivers, 2),
    key: tensorOf(senders, 2),
    value: tensorOf(senders, 2),
  });
  const { key, ...rest } = answer;
  const frame: Frame = {
    receivers,
    senders: key === undefined ? senders : pointsOf(key),
    posterior: floats(answer[weights]),
    expectation: pointsOf(answer["expectation"]),
    entropy: floats(answer["entropy"]),
    logEvidence: floats(answer["logEvidence"]),
  };
  const more = Object.entries(rest)
    .filter(([name]) => mechanism.read?.includes(name))
    .map(([name, tensor]) => [name, floats(tensor)]);
  return { frames: [frame], more: Object.fromEntries(more) };
}

/** Updates one by one, each from where the last one left off. */
async function inTurns(view: View, mechanism: Mechanism, engine: Engine): Promise<Found> {
  const isHopfield = mechanism.kind === "state";
  const count = isHopfield ? 1 : settingOf(view, "slots");
  const sharpness = isHopfield ? 1 : settingOf(view, "sharpness");
  const fixed = view.points.slice(0, -count);
  let moving = view.points.slice(-count);
  const names = isHopfield ? (["state", "patterns"] as const) : (["slots", "inputs"] as const);
  const weights = isHopfield ? "posterior" : "responsibilities";
  const frames: Frame[] = [];
  for (let update = 0; update <= settingOf(view, "updates"); update++) {
    const answer = await asked(view, mechanism, engine, [names[0], weights, "freeEnergy"], {
      [names[0]]: scaled(moving, sharpness),
      [names[1]]: scaled(fixed, sharpness),
    });
    const next = pointsOf(answer[names[0]], sharpness);
    const posterior = floats(answer[weights]);
    frames.push({
      receivers: isHopfield ? moving : fixed,
      senders: isHopfield ? fixed : moving,
      posterior,
      expectation: next,
      entropy: entropies(posterior, isHopfield ? fixed.length : count),
      freeEnergy: Number(answer["freeEnergy"]?.data[0] ?? Number.NaN),
    });
    moving = next;
  }
  return { frames, more: {} };
}

/** Models that were prepared last, by what they declare. */
const known = new Map<string, Promise<{ sync(inputs: Record<string, Tensor>): Read }>>();
const mostKnown = 16;

async function asked(
  view: View,
  mechanism: Mechanism,
  engine: Engine,
  read: readonly string[],
  inputs: Record<string, Tensor>,
): Promise<Read> {
  const settings = mechanism.controls.map(({ name }) => settingOf(view, name));
  const name = JSON.stringify([engine.name, view.mechanism, settings]);
  const ready = known.get(name) ?? compile();
  known.delete(name);
  known.set(name, ready);
  const [oldest] = known.keys();
  if (known.size > mostKnown && oldest !== undefined) known.delete(oldest);
  return (await ready).sync(inputs);

  async function compile(): Promise<{ sync(inputs: Record<string, Tensor>): Read }> {
    const model = mechanism.model((control) => settingOf(view, control));
    // Which readings a model has is known by its mechanism, and not by the type here.
    const prepared = await prepare(model as EdgeModel, { engine, read: read as "expectation"[] });
    return prepared as unknown as { sync(inputs: Record<string, Tensor>): Read };
  }
}

/** Points as [1, 1, N, 2] or, of latent models, [1, N, 2]. */
function tensorOf(points: readonly Point[], leading: 1 | 2, scale = 1): Tensor {
  const data = Float32Array.from(points.flat(), (place) => scale * place);
  return { data, shape: [...Array<number>(leading).fill(1), points.length, 2] };
}

const scaled = (points: readonly Point[], scale: number): Tensor => tensorOf(points, 1, scale);

function pointsOf(tensor: Tensor | undefined, scale = 1): Point[] {
  const data = floats(tensor);
  return Array.from(
    { length: data.length / 2 },
    (_, k): Point => [(data[2 * k] as number) / scale, (data[2 * k + 1] as number) / scale],
  );
}

const floats = (tensor: Tensor | undefined): Float32Array => Float32Array.from(tensor?.data ?? []);

function entropies(posterior: Float32Array, width: number): Float32Array {
  return Float32Array.from({ length: posterior.length / width }, (_, row) => {
    let nats = 0;
    for (let k = row * width; k < (row + 1) * width; k++) {
      const share = posterior[k] as number;
      if (share > 0) nats -= share * Math.log(share);
    }
    return nats;
  });
}
