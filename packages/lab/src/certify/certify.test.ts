import { descend, hopfield } from "edgewise";
import { describe, expect, it } from "vitest";
import { certify } from "./certify.ts";
import { type Family, families } from "./draws.ts";

const names = Object.keys(families);
const few = { draws: 120, seed: 5 };

describe("certificates", () => {
  it.each(names)("%s: no update of a random model raises its energy", (name) => {
    const { rises, shortfalls = 0, updates } = certify(name, families[name] as Family, few);
    expect([rises, shortfalls]).toEqual([0, 0]);
    expect(updates).toBeGreaterThanOrEqual(4 * few.draws);
  });

  it("count what rises: steps down the gradient that are too long", () => {
    const tooLong: Family = (source) => {
      const drawn = (families["hopfield"] as Family)(source);
      return { ...drawn, model: { ...hopfield(), inference: descend({ rate: 2.5 }) } };
    };
    const { rises, shortfalls = 0, largestRise } = certify("too long", tooLong, few);
    expect(rises).toBeGreaterThan(few.draws);
    expect(shortfalls).toBeGreaterThanOrEqual(rises);
    expect(largestRise).toBeGreaterThan(0.01);
  });

  it("are the same for the same seed", () => {
    const { milliseconds: _a, ...first } = certify("slot sum", families["slot sum"] as Family, few);
    const { milliseconds: _b, ...again } = certify("slot sum", families["slot sum"] as Family, few);
    expect(again).toEqual(first);
  });
});
