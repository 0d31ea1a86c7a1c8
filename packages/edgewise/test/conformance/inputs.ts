/** Random inputs in single precision for a program, by the names and shapes that it declares. */
import type { Inputs, Tensor } from "edgewise";
import type { Program, Size } from "edgewise/ir";
import { type RandomTensors, random } from "../random.ts";

export type Lengths = Readonly<Record<string, number>>;

/** Lengths of a small case; G follows H, and M of square models is N. */
const small: Lengths = { B: 2, H: 2, N: 3, M: 4, D: 3, V: 2, K: 3, C: 2, W: 3, X: 3, Y: 2, T: 4 };

/** The same numbers as every engine in single precision sees them. */
export function single({ data, shape }: Tensor): Tensor {
  return { data: data instanceof Int32Array ? data : Float32Array.from(data), shape };
}

export const singles = (inputs: Inputs): Inputs =>
  Object.fromEntries(Object.entries(inputs).map(([name, tensor]) => [name, single(tensor)]));

/** Whether the engine's caller makes an input: lists of edges, turns, random numbers. */
const isMade = (name: string): boolean => name.includes(" ");

export interface Drawn {
  readonly lengths?: Lengths;
  /** Inputs that are not drawn. */
  readonly given?: Inputs;
  readonly seed?: number;
}

/** Inputs of a program, those left out that nobody gives. */
export function drawnInputs(
  { inputs }: Program,
  { lengths = {}, given = {}, seed = 1 }: Drawn = {},
): Inputs {
  const rng = random(seed);
  const all: Lengths = { ...small, ...lengths };
  const entries = inputs.flatMap(({ name, shape }): [string, Tensor][] => {
    if (name in given || isMade(name)) return [];
    return [
      [
        name,
        drawn(
          name,
          shape.map((size) => extent(size, all)),
          rng,
        ),
      ],
    ];
  });
  return singles({ ...Object.fromEntries(entries), ...given });
}

function extent(size: Size, lengths: Lengths): number {
  if (typeof size === "number") return size;
  const known = lengths[size] ?? (size === "G" ? lengths["H"] : undefined);
  if (known !== undefined) return known;
  if (size.endsWith("|1")) return extent(size.slice(0, -2), lengths);
  if (size.includes("*"))
    return size
      .split("*")
      .reduce((product, part) => product * (Number(part) || extent(part, lengths)), 1);
  const sum = /^(\w+)(?:\+(\w+))?-1$/.exec(size);
  if (sum === null) throw new Error(`no length ${size}`);
  const [, first = "", second] = sum;
  return Math.max(0, extent(first, lengths) + (second ? extent(second, lengths) : 0) - 1);
}

function drawn(name: string, shape: readonly number[], rng: RandomTensors): Tensor {
  if (/^(is_fixed|support)/.test(name)) return rng.coins(0.6, shape);
  if (/precision|temperature|cap|scale|slope|stop|ridge|_norm\.weight/.test(name))
    return rng.between(0.3, 0.9, shape);
  return rng.normal(shape);
}
