import { expect, it } from "vitest";
import { differences, flat } from "./comparison.ts";

it("settings have dotted names; lists stay whole", () => {
  expect(flat({ size: "quick", config: { steps: 3, inner: { widths: [4, 16] } } })).toEqual([
    ["size", '"quick"'],
    ["config.steps", "3"],
    ["config.inner.widths", "[4,16]"],
  ]);
});

it("only what differs is told, and what one column has alone", () => {
  const columns = [
    flat({ size: "quick", steps: 3 }),
    flat({ size: "quick", steps: 4, rate: 0.1 }),
  ] as const;
  expect(differences(columns)).toEqual([
    { name: "steps", values: ["3", "4"] },
    { name: "rate", values: [undefined, "0.1"] },
  ]);
  expect(differences([columns[0], columns[0]])).toEqual([]);
});
