import { EdgewiseError } from "edgewise";
import { describe, expect, it } from "vitest";
import { parseClicks } from "./clicks.ts";

const photo = { width: 100, height: 80 };
const labels = ["sky", "dog"];
const good = { x: 12, y: 40, label: 0 };

function refusal(document: unknown): EdgewiseError {
  try {
    parseClicks(document, photo);
  } catch (error) {
    if (error instanceof EdgewiseError) return error;
    throw error;
  }
  throw new Error("the document was accepted");
}

describe("parseClicks", () => {
  it("fills in the radius and the missing list", () => {
    expect(parseClicks({ labels, clicks: [good] }, photo)).toEqual({
      labels,
      clicks: [{ ...good, radius: 6 }],
      strokes: [],
    });
    const stroke = { points: [[1, 2] as const, [3, 4] as const], radius: 0, label: 1 };
    expect(parseClicks({ labels, strokes: [stroke] }, photo).strokes).toEqual([stroke]);
  });

  it("reads aloud which click lies outside the photo, and where the photo ends", () => {
    const error = refusal({ labels, clicks: [good, { x: 100, y: 3, label: 1 }] });
    expect(error.message).toBe(
      [
        "bad_clicks in clicks[1]",
        "  got       x = 100, y = 3",
        "  expected  whole numbers with 0 ≤ x < 100 and 0 ≤ y < 80, pixels of the full photo",
        "  fix       move the point inside the photo, or check that the clicks belong to this photo",
        "  see       docs/errors.md#bad-clicks",
      ].join("\n"),
    );
  });

  it("reads aloud which two marks disagree about a pixel", () => {
    const error = refusal({ labels, clicks: [good, { ...good, label: 1 }] });
    expect(error.where).toBe("clicks[1]");
    expect(error.got).toBe('pixel (12, 40) as "dog", which clicks[0] calls "sky"');
    expect(error.fix).toBe("remove clicks[1] or clicks[0], or move one of them");
    const stroke = { points: [[12, 40]], radius: 2, label: 1 };
    expect(refusal({ labels, clicks: [good], strokes: [stroke] }).where).toBe(
      "strokes[0].points[0]",
    );
  });

  it("says how many labels there may be", () => {
    const many = Array.from({ length: 256 }, (_, index) => `label ${index}`);
    const error = refusal({ labels: many, clicks: [good] });
    expect(error).toMatchObject({ where: "labels", got: "256 names", expected: "1 to 255 names" });
    expect(error.fix).toContain("use at most 255 labels");
  });

  it("prints no control character of a label", () => {
    const coloured = ["\u001b[2J", "b\u009b"];
    const error = refusal({ labels: coloured, clicks: [good, { ...good, label: 1 }] });
    expect(error.got).toBe('pixel (12, 40) as "b\\u009b", which clicks[0] calls "\\u001b[2J"');
  });

  it("names the real key nearest to a misspelt one", () => {
    expect(refusal({ labels, click: [good] }).fix).toContain("write clicks in place of click");
    const misspelt = refusal({ labels, clicks: [{ ...good, raduis: 3 }] });
    expect(misspelt.where).toBe("clicks[0]");
    expect(misspelt.fix).toContain("write radius in place of raduis");
  });

  it.each([
    ["a label out of range", { labels, clicks: [{ ...good, label: 2 }] }, "clicks[0].label", "2"],
    ["no label", { labels, clicks: [{ x: 1, y: 1 }] }, "clicks[0].label", "nothing"],
    ["a fraction", { labels, clicks: [{ ...good, x: 1.5 }] }, "clicks[0]", "x = 1.5, y = 40"],
    ["NaN", { labels, clicks: [{ ...good, y: Number.NaN }] }, "clicks[0]", "x = 12, y = NaN"],
    ["text", { labels, clicks: [{ ...good, y: "4" }] }, "clicks[0]", 'x = 12, y = "4"'],
    ["a negative radius", { labels, clicks: [{ ...good, radius: -1 }] }, "clicks[0].radius", "-1"],
    ["no clicks", { labels, clicks: [] }, "clicks", "no clicks and no strokes"],
    ["no labels", { labels: [], clicks: [good] }, "labels", "0 names"],
    ["an unnamed label", { labels: [""], clicks: [good] }, "labels[0]", '""'],
    ["a list", [], "the clicks document", "[]"],
    ["null", null, "the clicks document", "null"],
    ["clicks that are no list", { labels, clicks: good }, "clicks", JSON.stringify(good)],
    ["a click that is no object", { labels, clicks: [7] }, "clicks[0]", "7"],
    [
      "a stroke without points",
      { labels, strokes: [{ points: [], radius: 1, label: 0 }] },
      "strokes[0].points",
      "no points",
    ],
    [
      "a stroke without radius",
      { labels, strokes: [{ points: [[1, 1]], label: 0 }] },
      "strokes[0].radius",
      "nothing",
    ],
    [
      "a point of three numbers",
      { labels, strokes: [{ points: [[1, 1, 1]], radius: 1, label: 0 }] },
      "strokes[0].points[0]",
      "[1,1,1]",
    ],
  ])("refuses %s and says where and what", (_, document, where, got) => {
    const error = refusal(document);
    expect(error).toMatchObject({ code: "bad_clicks", where, got });
    expect(error.expected).not.toBe("");
    expect(error.fix).not.toBe("");
  });
});

describe("marks that meet", () => {
  const photo = { width: 100, height: 80 };
  const labels = ["a", "b"];
  const line = {
    points: [
      [10, 50],
      [90, 50],
    ],
    radius: 4,
  };

  it("a click on the line of a stroke that says otherwise is refused, and both are named", () => {
    const clicks = [{ x: 50, y: 50, label: 1 }];
    const document = { labels, clicks, strokes: [{ ...line, label: 0 }] };
    expect(() => parseClicks(document, photo)).toThrow(/clicks\[0\] or strokes\[0\]/);
    const same = { labels, clicks, strokes: [{ ...line, label: 1 }] };
    expect(parseClicks(same, photo).strokes).toHaveLength(1);
  });

  it("strokes without end are refused", () => {
    const points = Array.from({ length: 40_000 }, (_, k) => [k % 2 === 0 ? 0 : 99, 40]);
    const document = { labels, strokes: [{ points, radius: 1, label: 0 }] };
    expect(() => parseClicks(document, photo)).toThrow(/2000000 pixels/);
  });
});
