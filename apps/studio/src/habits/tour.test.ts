import { describe, expect, it } from "vitest";
import { placeBeside, steps } from "./tour.ts";

const page = { width: 1280, height: 900 };
const card = { width: 340, height: 220 };

describe("the card of the tour", () => {
  it("stands to the right of what it speaks of, as high as it", () => {
    const target = { left: 30, top: 120, width: 280, height: 300 };
    expect(placeBeside([target], card, page)).toEqual({ left: 324, top: 120 });
  });

  it("stands to the left, below or above where there is no room", () => {
    const right = { left: 840, top: 120, width: 420, height: 1200 };
    expect(placeBeside([right], card, page)).toEqual({ left: 486, top: 120 });
    const wide = { left: 0, top: 0, width: 1280, height: 60 };
    expect(placeBeside([wide], card, page)).toEqual({ left: 14, top: 74 });
    const low = { left: 0, top: 700, width: 1280, height: 400 };
    expect(placeBeside([low], card, page)).toEqual({ left: 14, top: 466 });
  });

  it("covers none of the other things that it speaks of", () => {
    const targets = [
      { left: 30, top: 120, width: 280, height: 100 },
      { left: 320, top: 100, width: 280, height: 60 },
    ];
    expect(placeBeside(targets, card, page)).toEqual({ left: 30, top: 234 });
  });

  it("stands nowhere where all would be covered, or nothing is spoken of", () => {
    expect(placeBeside([{ left: 0, top: 0, ...page }], card, page)).toBeUndefined();
    expect(placeBeside([], card, page)).toBeUndefined();
  });

  it("speaks of the picture, the sliders, the matrix and the mechanisms in five steps", () => {
    expect(steps.map(({ targets }) => targets[0])).toEqual([
      ...["plane", "plane", "sliders", "matrix", "mechanism"],
    ]);
  });
});
