import { normals } from "edgewise";
import { expect, it } from "vitest";
import { interval, mean } from "./statistics.ts";

it("an interval holds the mean, narrows like the root of the number, and is the same each time", () => {
  const normal = normals(4);
  const of = (count: number): number[] => Array.from({ length: count }, () => 3 + normal());
  for (const values of [of(5), of(100)]) {
    const [low, high] = interval(values);
    expect(low).toBeLessThan(mean(values));
    expect(high).toBeGreaterThan(mean(values));
    expect(interval(values)).toEqual([low, high]);
  }
  const [low, high] = interval(of(1000));
  // Two standard errors to each side.
  expect(high - low).toBeGreaterThan(3.75 / Math.sqrt(1000));
  expect(high - low).toBeLessThan(4.3 / Math.sqrt(1000));
});

it("of one value, nothing is known but itself", () => {
  expect(interval([2])).toEqual([2, 2]);
});
