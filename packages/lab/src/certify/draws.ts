import {
  binary,
  blockSlot,
  cccp,
  type EdgeModel,
  edgeModel,
  factor,
  given,
  hopfield,
  type LatentModel,
  latent,
  latentModel,
  parameter,
  predictiveCoding,
  scaledDot,
  scored,
  slot,
  type Tensor,
} from "edgewise";

/** A random model, and where its states start. */
export interface Draw {
  readonly model: LatentModel;
  readonly inputs: Readonly<Record<string, Tensor>>;
  /** Latents with the decrease that their steps promise, ½ ‖z⁺ − z‖²; none where F just may not rise. */
  readonly sufficient: readonly string[];
}

/** Source of the numbers of a draw. */
export interface Source {
  readonly normal: () => number;
  readonly uniform: () => number;
}

/** Draws a model of one family. */
export type Family = (source: Source) => Draw;

/** Families of models whose inference promises that the free energy never rises. */
export const families: Readonly<Record<string, Family>> = {
  hopfield: (source) => ({
    model: hopfield({ precision: 10 ** (whole(source, -20, 30) / 20) }),
    inputs: {
      state: tensor(source, [1, 2, 3], 2),
      patterns: tensor(source, [1, whole(source, 1, 9), 3], 2),
    },
    sufficient: ["state"],
  }),
  "slot sum": (source) => {
    const width = whole(source, 1, 4);
    return {
      model: slot(),
      inputs: {
        inputs: tensor(source, [1, whole(source, 1, 9), width], 2),
        slots: tensor(source, [1, whole(source, 1, 5), width], 2),
      },
      sufficient: ["slots"],
    };
  },
  "block-slot energy": (source) => {
    const [blocks, width] = [whole(source, 1, 3), whole(source, 1, 3)];
    return {
      model: blockSlot(),
      inputs: {
        inputs: tensor(source, [1, whole(source, 1, 9), blocks * width], 2),
        slots: tensor(source, [1, whole(source, 1, 5), blocks * width], 2),
        memory: tensor(source, [blocks, whole(source, 1, 6), width], 2),
      },
      sufficient: ["slots"],
    };
  },
  "binary edges": (source) => memories(source, { choice: binary() }),
  "rectified edges": (source) =>
    memories(source, { potential: scored("0.5 * max(0, score) * max(0, score)", dot) }),
  "predictive-coding closed": (source) => {
    const layers = whole(source, 1, 3);
    const units = Array.from({ length: layers + 1 }, () => whole(source, 1, 6));
    const top = source.uniform() < 0.5;
    const inputs: Record<string, Tensor> = top
      ? {
          top_mean: tensor(source, [units[0] as number], 1),
          top_precision: positive(source, [units[0] as number]),
        }
      : {};
    for (let l = 0; l <= layers; l++) {
      inputs[`state.${l}`] = tensor(source, [1, units[l] as number], 2);
      if (l === layers) continue;
      inputs[`weight.${l}`] = tensor(source, [units[l + 1] as number, units[l] as number], 1);
      inputs[`precision.${l}`] = positive(source, [units[l + 1] as number]);
    }
    const model = predictiveCoding({
      layers,
      variant: source.uniform() < 0.7 ? "structural" : "edgewise",
      update: "closed",
      ...(top && {
        topPrecision: parameter("top_precision", ["n0"]),
        topMean: parameter("top_mean", ["n0"]),
      }),
      maxIterations: 1,
    });
    return { model, inputs, sufficient: [] };
  },
};

const dot = scaledDot({ scale: 1 });

/**
 * States over memories that are on or off by themselves: F = ½‖z‖² − Σ softplus(⟨w, z⟩ + c), or with
 * ½ max(0, ⟨w, z⟩)² in place of the softplus.
 */
function memories(source: Source, words: Partial<EdgeModel>): Draw {
  const [width, count] = [whole(source, 1, 4), whole(source, 1, 8)];
  const state = { tensor: "state", shape: ["B", "N", "D"] };
  const edges = edgeModel({
    name: "memories",
    nodes: { query: state, key: { tensor: "memory", shape: ["M", "D"] } },
    potential: dot,
    ...words,
    ...(words.choice && { prior: given("log_odds", ["M"]) }),
  });
  return {
    model: latentModel({
      name: "memories",
      latents: [latent("state", state.shape)],
      factors: [factor("memories", edges, { active: words.choice === undefined ? "all" : "one" })],
      inference: cccp(),
    }),
    inputs: {
      state: tensor(source, [1, 2, width], 2),
      memory: tensor(source, [count, width], 1),
      ...(words.choice && { log_odds: tensor(source, [count], 2) }),
    },
    sufficient: ["state"],
  };
}

const between = ({ uniform }: Source, low: number, high: number): number =>
  low + (high - low) * uniform();

const whole = (source: Source, low: number, high: number): number =>
  Math.floor(between(source, low, high + 1));

/** Normal numbers of a scale that is drawn too, from a tenth of `scale` to `scale`. */
function tensor(source: Source, shape: readonly number[], scale: number): Tensor {
  const size = scale * 10 ** between(source, -1, 0);
  const count = shape.reduce((product, extent) => product * extent, 1);
  return {
    data: Float64Array.from({ length: count }, () => size * source.normal()),
    shape: [...shape],
  };
}

function positive(source: Source, shape: readonly number[]): Tensor {
  const { data } = tensor(source, shape, 1);
  return { data: data.map(() => 10 ** between(source, -1, 1)), shape: [...shape] };
}
