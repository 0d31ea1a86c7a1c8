import { describe, expect, it } from "vitest";
import { beginning, viewFrom } from "./view.ts";

describe("a view", () => {
  it("from a stranger is brought into range", () => {
    const found = viewFrom({
      ...{
        mechanism: "self",
        points: [
          [9, -9],
          [0, 0],
          [0.5, 0.5],
        ],
        traced: 7,
        frame: -1,
      },
      settings: { precision: 1e9, temperature: "hot", unknown: 3 },
    });
    expect(found).toMatchObject({
      ...{
        mechanism: "self",
        points: [
          [1, -1],
          [0, 0],
          [0.5, 0.5],
        ],
        traced: null,
        frame: null,
      },
      settings: { precision: 100 },
    });
    for (const points of [
      [],
      [[1, 2]],
      [[1, 2], [3]],
      [
        [1, 2],
        [Number.NaN, 0],
      ],
      "points",
    ])
      expect(viewFrom({ ...beginning, points })).toBeUndefined();
    expect(viewFrom({ ...beginning, mechanism: "constructor" })).toBeUndefined();
  });
});
