/**
 * Loops over several axes as few long ones: axes that follow each other in every tensor's memory are
 * one. How many there are is part of the kernel, how long each is the host finds for a call.
 */
import type { Axis, Expr } from "../../../../ir/expr.ts";
import { type Code, type Local, w } from "../../assembler/code.ts";
import type { Bindings, Frame } from "../frame.ts";
import type { Writer } from "../kernel.ts";

/** A tensor at a point of the loops: a load, or where a result goes. */
export interface Operand {
  readonly tensor: string;
  readonly at: readonly Expr[];
}

interface Level {
  readonly extent: number;
  /** Bytes from one point to the next, for each operand. */
  readonly strides: readonly number[];
}

/** Dimension of a tensor that an axis runs over; −1 without one. */
export const dimensionOf = ({ at }: Operand, axis: Axis): number =>
  at.findIndex((e) => e.kind === "index" && e.axis === axis.name);

export class Levels {
  private readonly name: string;
  private readonly axes: readonly Axis[];
  private readonly operands: readonly Operand[];
  private readonly known = new WeakMap<Bindings, readonly Level[]>();

  constructor(name: string, axes: readonly Axis[], operands: readonly Operand[]) {
    this.name = name;
    this.axes = axes;
    this.operands = operands;
  }

  get depth(): number {
    return this.axes.length;
  }

  /** As many levels as axes, the long ones last; without axes, one of a single point. */
  of(b: Bindings): readonly Level[] {
    const known = this.known.get(b);
    if (known !== undefined) return known;
    const made = joined(
      this.axes.map((axis) => ({
        extent: b.extent(axis.size),
        strides: this.operands.map((operand) => {
          const k = dimensionOf(operand, axis);
          return k < 0 ? 0 : b.strides(operand.tensor)[k]!;
        }),
      })),
    );
    this.known.set(b, made);
    return made;
  }

  innermost(b: Bindings): Level {
    return this.of(b).at(-1) ?? point;
  }

  /** Points of all levels but the innermost. */
  outside(b: Bindings): number {
    return this.of(b)
      .slice(0, -1)
      .reduce((product, { extent }) => product * extent, 1);
  }

  points(b: Bindings): number {
    return this.outside(b) * this.innermost(b).extent;
  }

  extent(frame: Frame, level: number): Local {
    return frame.computed(`${this.name} ${level}`, (b) => (this.of(b)[level] ?? point).extent);
  }

  stride(frame: Frame, level: number, operand: number): Local {
    const name = `${this.name} ${level} of ${operand}`;
    return frame.computed(name, (b) => (this.of(b)[level] ?? point).strides[operand] ?? 0);
  }
}

const point: Level = { extent: 1, strides: [] };

/** The last digit of what is left of a number of points. */
export function digit(code: Code, rest: Local, extent: Local): Local {
  const made = code.local("i32", w("i32.rem_u", rest, extent));
  code.set(rest, w("i32.div_u", rest, extent));
  return made;
}

/** Moves operands to a point of levels, all but so many of the innermost; what is left stays. */
export function enter(
  { code, frame }: Pick<Writer, "code" | "frame">,
  levels: Levels,
  rest: Local,
  places: readonly Local[],
  inner: number,
): void {
  for (let level = levels.depth - 1 - inner; level >= 0; level--) {
    const at = digit(code, rest, levels.extent(frame, level));
    places.forEach((place, k) => {
      code.set(place, w("i32.add", place, w("i32.mul", at, levels.stride(frame, level, k))));
    });
  }
}

/** The innermost axis stays innermost, however short it is. */
function joined(levels: readonly Level[]): Level[] {
  const made: Level[] = [];
  for (const level of levels.toReversed()) {
    const inner = made[0];
    if (inner === undefined) made.unshift(level);
    else if (level.extent === 1) continue;
    else if (inner.strides.every((stride, k) => level.strides[k] === inner.extent * stride))
      made[0] = { extent: level.extent * inner.extent, strides: inner.strides };
    else made.unshift(level);
  }
  while (made.length < levels.length) made.unshift({ extent: 1, strides: levels[0]!.strides });
  return made;
}
