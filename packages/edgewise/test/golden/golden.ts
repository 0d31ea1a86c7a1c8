import type { Tensor } from "edgewise";
import type { Program } from "edgewise/ir";
import { normals, uniforms } from "../../src/array/random.ts";
import { clampedResolvent } from "./clampedResolvent.ts";
import { expanding } from "./expanding.ts";
import { predictiveCoding } from "./predictiveCoding.ts";
import { slotSum } from "./slot.ts";

export interface Golden {
  readonly program: Program;
  readonly inputs: Record<string, Tensor>;
  readonly wrt: string[];
  readonly outputs: string[];
  /** The same program with the settings of its example of the contract. */
  readonly exact?: Program;
}

function random(seed: number, of: (next: () => number) => number = (next) => next()) {
  const next = normals(seed);
  return (...shape: number[]): Tensor => ({
    data: Float64Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => of(next)),
    shape,
  });
}
const normal = random(1);
const positive = random(2, (next) => 0.5 + Math.abs(next()));

/** A ring of nodes with random chords, as compressed rows. */
function listGraph(nodes: number): Record<string, Tensor> {
  const uniform = uniforms(3);
  const rows = Array.from({ length: nodes }, (_, i) => {
    const chords = Array.from({ length: 3 }, () => Math.floor(uniform() * nodes));
    return [...new Set([(i + 1) % nodes, (i + nodes - 1) % nodes, ...chords])]
      .filter((j) => j !== i)
      .sort((a, b) => a - b);
  });
  const rowStart = [0];
  for (const row of rows) rowStart.push((rowStart.at(-1) as number) + row.length);
  return {
    rowStart: { data: Int32Array.from(rowStart), shape: [nodes + 1] },
    sender: { data: Int32Array.from(rows.flat()), shape: [rows.flat().length] },
  };
}

const list = listGraph(500);
const isFixed = Float64Array.from({ length: 500 }, (_, i) => (i % 50 === 0 ? 1 : 0));
const settings = { alpha: 1, beta: 4, tail: 0.01, tolerance: 1e-3, maxIterations: 12 };

/** The four programs that show that the representation lacks no word, with inputs to run them on. */
export const golden: readonly Golden[] = [
  {
    program: slotSum(3),
    inputs: { inputs: normal(2, 7, 5), slots: normal(2, 3, 5) },
    wrt: ["inputs", "slots"],
    outputs: ["slots", "responsibilities"],
    exact: slotSum(3),
  },
  {
    program: expanding(settings),
    inputs: { query: normal(1, 2, 20, 4), key: normal(1, 2, 20, 4), value: normal(1, 2, 20, 3) },
    // By the queries the windows would move too; the gradient takes them as constants.
    wrt: ["value"],
    outputs: ["expectation"],
    exact: expanding({ ...settings, tolerance: 1e-6, maxIterations: 400 }),
  },
  {
    program: predictiveCoding(4),
    inputs: {
      "state.0": normal(2, 4),
      "state.1": normal(2, 5),
      "state.2": normal(2, 6),
      "weight.0": normal(5, 4),
      "precision.0": positive(5),
      "weight.1": normal(6, 5),
      "precision.1": positive(6),
      top_mean: normal(4),
      top_precision: positive(4),
    },
    wrt: [
      "state.0",
      "state.1",
      "state.2",
      "weight.0",
      "precision.0",
      "weight.1",
      "precision.1",
      "top_mean",
      "top_precision",
    ],
    outputs: ["state.0", "state.1", "free_energy"],
    exact: predictiveCoding(3),
  },
  {
    program: clampedResolvent(0.9),
    inputs: {
      ...list,
      feature: normal(500, 3),
      value: normal(500, 2),
      fixed: normal(500, 2),
      isFixed: { data: isFixed, shape: [500] },
      edgePrior: normal(list["sender"]?.shape[0] as number),
    },
    wrt: ["feature", "value", "fixed", "edgePrior"],
    outputs: ["expectation"],
  },
];
