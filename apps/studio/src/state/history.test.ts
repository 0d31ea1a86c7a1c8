import { describe, expect, it } from "vitest";
import { begun, done, mostSteps, redone, settled, undone } from "./history.ts";

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
