/** K3: the same scores with the owners of the edges swapped. */
import { factor, hopfield, type LatentModel, latentModel, slot, tensor } from "edgewise";
import type { Measured } from "../../../experiment/checks.ts";
import { exactly } from "../../../experiment/exact.ts";
import { gap, range, rowsOf, type Vector } from "./direct.ts";
import type { Draw } from "./draw.ts";

const recall = hopfield();

/** The Hopfield network's declaration with one word changed: memories choose states. */
const swapped: LatentModel<"state"> = latentModel({
  ...recall,
  factors: recall.factors.map(({ edges }) =>
    factor("posterior", { ...edges, chooser: "sender" as const }),
  ),
});

const total = (rows: readonly Vector[]): number[] =>
  range((rows[0] as Vector).length).map((k) => rows.reduce((s, row) => s + (row[k] as number), 0));
const furthest = (values: Vector, from: number): number =>
  Math.max(...values.map((value) => Math.abs(value - from)));
const sumOf = (row: Vector): number => row.reduce((a, b) => a + b, 0);

export async function owners(draw: Draw): Promise<Measured> {
  const [count, memories, width] = [draw.whole(2, 4), draw.whole(2, 8), draw.whole(1, 5)];
  const [z, x] = [draw.matrix(count, width), draw.matrix(memories, width)];
  const hopfieldInputs = { state: tensor([z]), patterns: tensor([x]) };
  const read = ["state", "posterior"] as const;
  const gathered = await exactly(recall, hopfieldInputs, read);
  const scattered = await exactly(swapped, hopfieldInputs, read);
  const slots = await exactly(slot(), { slots: tensor([z]), inputs: tensor([x]) }, [
    "slots",
    "responsibilities",
  ]);
  const [p, r] = [rowsOf(gathered.posterior), rowsOf(slots.responsibilities)];
  const [recalled, collected] = [rowsOf(gathered.state), rowsOf(slots.slots)];
  // log Pᵢⱼ − log Rⱼᵢ is a term of i and a term of j where the scores are the same.
  const ratio = p.map((row, i) =>
    row.map((own, j) => Math.log(own / ((r[j] as Vector)[i] as number))),
  );
  const first = ratio[0] as Vector;
  const mixed = ratio.flatMap((row) =>
    row.map((a, j) => a - (row[0] as number) - (first[j] as number) + (first[0] as number)),
  );
  const outside = recalled.flatMap((row) =>
    row.map((value, k) => {
      const own = x.map((memory) => memory[k] as number);
      return Math.max(0, Math.min(...own) - value, value - Math.max(...own));
    }),
  );
  return {
    holds: {
      "swapped Hopfield = slot": gap(scattered.state, collected),
      "same scores": furthest(mixed, 0),
      "Hopfield: sums over memories are 1": furthest(p.map(sumOf), 1),
      "slot: sums over slots are 1": furthest(r.map(sumOf), 1),
      "slot: Σ slots = Σ inputs": gap(tensor([total(collected)]), [total(x)]),
      "Hopfield: states in the hull": furthest(outside, 0),
    },
    contrast: {
      "Hopfield: Σ states − Σ memories": gap(tensor([total(recalled)]), [total(x)]),
      "Hopfield: sums over states − 1": furthest(total(p), 1),
    },
  };
}
