/** K1: mechanisms that iterate, one step of each. */
import { blockSlot, hopfield, predictiveCoding, slot, tensor } from "edgewise";
import { exactly } from "../../../experiment/exact.ts";
import {
  attended,
  dot,
  gap,
  type Matrix,
  pairs,
  product,
  range,
  scale,
  softmax,
  sum,
  transpose,
  type Vector,
} from "./direct.ts";
import type { Draw } from "./draw.ts";

/** Differences of one step of the library from the printed update, by mechanism. */
export async function iteratedRows(draw: Draw): Promise<Record<string, number>> {
  const [states, memories, width] = [draw.whole(1, 4), draw.whole(2, 8), draw.whole(1, 5)];
  const [z, x] = [draw.matrix(states, width), draw.matrix(memories, width)];
  const precision = draw.between(0.2, 5);
  const recalled = await exactly(
    hopfield({ precision }),
    { state: tensor([z]), patterns: tensor([x]) },
    ["state"],
  );
  const collected = await exactly(slot(), { slots: tensor([z]), inputs: tensor([x]) }, ["slots"]);
  return {
    hopfield: gap(recalled.state, attended(scale(pairs(z, x, dot), precision), x)),
    slot: gap(collected.slots, competed(z, x)),
    "block-slot": await blocks(draw),
    "predictive coding": await gradient(draw),
  };
}

/** Σⱼ softmaxᵢ(⟨zᵢ, xⱼ⟩) xⱼ: inputs choose, slots collect. */
const competed = (z: Matrix, x: Matrix): number[][] =>
  product(transpose(pairs(x, z, dot).map(softmax)), x);

async function blocks(draw: Draw): Promise<number> {
  const [count, width, slots] = [draw.whole(1, 3), draw.whole(1, 3), draw.whole(1, 4)];
  const [z, x] = [draw.matrix(slots, count * width), draw.matrix(draw.whole(1, 6), count * width)];
  const prototypes = draw.whole(1, 5);
  const memory = range(count).map(() => draw.matrix(prototypes, width));
  const inputs = { slots: tensor([z]), inputs: tensor([x]), memory: tensor(memory) };
  const found = await exactly(blockSlot(), inputs, ["slots"]);
  const recalled = z.map((row) =>
    memory.flatMap((own, b) => {
      const block = row.slice(b * width, (b + 1) * width);
      return attended(pairs([block], own, dot), own)[0] as Vector;
    }),
  );
  return gap(found.slots, sum(competed(z, x), recalled));
}

/** Gradient at the layer above the observed one: what it explains of units below, with a minus. */
async function gradient(draw: Draw): Promise<number> {
  const [above, below] = [draw.whole(1, 5), draw.whole(1, 5)];
  const [z, observed] = [draw.vector(above), draw.vector(below)];
  const weight = draw.matrix(below, above);
  const precision = range(below).map(() => draw.between(0.2, 4));
  const inputs = {
    "state.0": tensor([z]),
    "state.1": tensor([observed]),
    "weight.0": tensor(weight),
    "precision.0": tensor(precision),
  };
  const read = ["gradient.state.0"] as const;
  const found = await exactly(predictiveCoding({ maxIterations: 0 }), inputs, read);
  const expected = new Array<number>(above).fill(0);
  weight.forEach((row, c) => {
    const k = precision[c] as number;
    const errors = row.map((w, a) => (observed[c] as number) - w * (z[a] as number));
    softmax(errors.map((e) => (-k / 2) * e * e)).forEach((p, a) => {
      expected[a] = (expected[a] as number) - p * k * (errors[a] as number) * (row[a] as number);
    });
  });
  return gap(found["gradient.state.0"], [expected]);
}
