import { describe, expect, it } from "vitest";
import { mechanisms } from "../explore/mechanisms.ts";
import { begun, done, mostSteps, redone, settled, undone } from "./history.ts";
import { linkOf, viewOf } from "./permalink.ts";
import { beginning, viewFrom } from "./view.ts";

describe("a link", () => {
  it.each(Object.keys(mechanisms))("holds a view of %s", (mechanism) => {
    const view = { ...beginning, mechanism, traced: 3, frame: 2 };
    expect(viewOf(linkOf(view))).toEqual(view);
  });

  it("of another version, cut, or of something else is no view", () => {
    const link = linkOf(beginning);
    for (const hash of ["", "#", "#s=2.e30", "#s=1.", "#s=1.e30", link.slice(0, 40), "#s=1.!!!!"])
      expect(viewOf(hash)).toBeUndefined();
  });

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
      settings: { precision: 60 },
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

describe("a history", () => {
  it("takes steps back and does them again; a new step forgets what was taken back", () => {
    let history = done(done(begun(0), 1, ""), 2, "");
    history = undone(history);
    expect(history.now.value).toBe(1);
    expect(redone(history).now.value).toBe(2);
    history = done(history, 3, "");
    expect(redone(history).now.value).toBe(3);
    expect(undone(undone(undone(history))).now.value).toBe(0);
  });

  it("counts steps of one name in a row as one, until they settle", () => {
    let history = done(done(begun(0), 1, "drag"), 2, "drag");
    expect(undone(history).now.value).toBe(0);
    history = done(settled(history), 3, "drag");
    expect(undone(history).now.value).toBe(2);
  });

  it("keeps so many steps and no more", () => {
    let history = begun(0);
    for (let step = 1; step <= mostSteps + 50; step++) history = done(history, step, "");
    expect(history.past).toHaveLength(mostSteps);
  });
});
