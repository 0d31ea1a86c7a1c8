/** I19 of the mathematics: slots have no names, and equal ones stay equal. */
import { blockSlot, type LatentModel, type SlotOptions, slot, tensor } from "edgewise";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { batches, entry, minus, norm, total, transposed } from "../enumeration/freeEnergy.ts";
import type { Matrix } from "../enumeration/oracle.ts";
import { prepare } from "../inDouble.ts";
import { the } from "../random.ts";
import { at, matrix, runs } from "./cases.ts";

const models: [string, LatentModel, boolean][] = [
  ...(["sum", "mean"] as const).flatMap((update) =>
    (["dot", "distance"] as const).map((responsibilities): [string, LatentModel, boolean] => [
      `${update} by ${responsibilities}`,
      slot({ update, responsibilities, maxIterations: 3 } satisfies SlotOptions),
      false,
    ]),
  ),
  ["blocks", blockSlot({ maxIterations: 3 }), true],
];
const memory = tensor([
  [
    [1, -0.5],
    [0.3, 2],
    [-1, 0],
  ],
]);

const drawn = fc
  .tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 6 }))
  .chain(([n, m]) =>
    fc.record({
      slots: matrix(n, 2, 3),
      data: matrix(m, 2, 3),
      order: fc.shuffledSubarray([...Array(n).keys()], { minLength: n, maxLength: n }),
      other: fc.shuffledSubarray([...Array(m).keys()], { minLength: m, maxLength: m }),
    }),
  );

for (const [name, model, blocks] of models)
  describe(`slots that collect the ${name}`, () => {
    const answer = async (slots: Matrix, data: Matrix) => {
      const got = (await prepare(model, { read: ["slots", "responsibilities"] })).sync({
        slots: tensor([slots]),
        inputs: tensor([data]),
        ...(blocks ? { memory } : {}),
      });
      return {
        slots: entry(batches(the(got, "slots")), 0),
        chosen: entry(batches(the(got, "responsibilities")), 0),
      };
    };
    const isNear = (a: Matrix, b: Matrix): void => {
      // Sums in another order round otherwise, and three rounds may double that a few times.
      a.forEach((row, i) => {
        expect(norm(minus(row, entry(b, i)))).toBeLessThan(1e-7 * (1 + norm(row)));
      });
    };

    test("follow any order of the slots, and of the inputs nothing changes", async () => {
      await fc.assert(
        fc.asyncProperty(drawn, async ({ slots, data, order, other }) => {
          const plain = await answer(slots, data);
          const turned = await answer(
            order.map((k) => entry(slots, k)),
            other.map((k) => entry(data, k)),
          );
          isNear(
            turned.slots,
            order.map((k) => entry(plain.slots, k)),
          );
          isNear(
            turned.chosen,
            other.map((j) => order.map((k) => at(plain.chosen[j], k))),
          );
          // Every input's responsibilities are a distribution over the slots.
          for (const row of plain.chosen) {
            expect(Math.min(...row)).toBeGreaterThanOrEqual(0);
            expect(Math.abs(total(row) - 1)).toBeLessThan(1e-12);
          }
        }),
        { ...runs, numRuns: Math.ceil(runs.numRuns / 2) },
      );
    });

    test("stay equal where they start equal, to the last bit", async () => {
      await fc.assert(
        fc.asyncProperty(drawn, async ({ slots, data }) => {
          const [first = []] = slots;
          const got = await answer([first, ...slots, first], data);
          expect(got.slots[0]).toEqual(got.slots[1]);
          expect(got.slots.at(-1)).toEqual(got.slots[0]);
          for (const row of got.chosen) expect(row[0]).toBe(row[1]);
        }),
        { ...runs, numRuns: Math.ceil(runs.numRuns / 2) },
      );
    });
  });

test("sums hand every input out once: what all slots hold is what all inputs bring, in every round", async () => {
  await fc.assert(
    fc.asyncProperty(
      drawn,
      fc.integer({ min: 1, max: 5 }),
      async ({ slots, data }, maxIterations) => {
        const got = (await prepare(slot({ maxIterations }), { read: ["slots"] })).sync({
          slots: tensor([slots]),
          inputs: tensor([data]),
        });
        const held = transposed(entry(batches(the(got, "slots")), 0)).map(total);
        const brought = transposed(data).map(total);
        expect(norm(minus(held, brought))).toBeLessThan(1e-12 * (1 + data.flat().length * 3));
      },
    ),
    runs,
  );
});
