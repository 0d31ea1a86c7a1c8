import { describe, expect, it } from "vitest";
import { dataOf } from "../mechanisms/data.ts";
import { beginning } from "../state/view.ts";
import { plain } from "./declaration.ts";
import { put } from "./document.ts";
import { explained } from "./explainer.ts";
import { lineOf, placeOf, readJson } from "./json.ts";
import { isAbout, knownIn, placeIn } from "./texts.ts";

const data = dataOf(beginning);
const complaint = async (part: string, word: object): Promise<string> =>
  explained({ ...plain, document: put(plain.document, [part], word) }, data).then(
    () => "none",
    ({ got }) => got as string,
  );

describe("an error in a text", () => {
  it.each([
    ["-0.5 * abs(i - j", 16, 17],
    ["-0.5 * abss(i - j)", 7, 11],
    ["1 +", 3, 4],
    ["score * i", 0, 5],
    ["min(i)", 0, 3],
    ["i ? 1 : 2", 2, 3],
    ["i ^ 2", 2, 3],
    ["N[2]", 0, 1],
    [" ", 0, 1],
  ])("of %j is at its characters", async (text, from, to) => {
    const got = await complaint("prior", { kind: "expression", text });
    expect(isAbout(text, got), got).toBe(true);
    expect(placeIn(text, got), got).toEqual([from, to]);
  });

  it("has no place where none is named", async () => {
    const text = "1 < i < 3";
    expect(placeIn(text, await complaint("prior", { kind: "expression", text }))).toBeUndefined();
  });
});

describe("what a text may say", () => {
  it("is read by the library, every function and every name", async () => {
    for (const part of ["prior", "potential"] as const)
      for (const { name, isFunction, means } of knownIn(part)) {
        const count = means.split(":")[0]?.split(",").length ?? 0;
        const text = isFunction ? `${name}(${["i", "j", "N"].slice(0, count).join(", ")})` : name;
        const whole = `0 * (${text === "forbidden" ? "where(i > N, forbidden, 0)" : text})`;
        const word = { kind: "expression", text: whole };
        const of = { kind: "scaledDot" };
        const got = await complaint(part, part === "prior" ? word : { ...word, of });
        expect(got, whole).toBe("none");
      }
  });

  it("has the score in potentials alone", () => {
    const names = (part: "prior" | "potential") => knownIn(part).map(({ name }) => name);
    expect(names("prior")).not.toContain("score");
    expect(names("potential")).toContain("score");
  });
});

describe("JSON as it is typed", () => {
  it.each([
    "{}",
    '{"a": [1, -2.5e3, true, null, "\\u00e9\\n"], "b": {"c": {}}}',
    " [ ] ",
    '"text"',
  ])("%s is read", (text) => {
    expect(readJson(text)).toMatchObject({ value: JSON.parse(text) });
  });

  it.each([
    ["", 0],
    ['{"a": tru}', 6],
    ['{"a": 1', 7],
    ['{"a" 1}', 5],
    ["{a: 1}", 1],
    ["[1, ]", 4],
    ["[1] 2", 4],
    ['{"a": 01}', 7],
    ['["open', 1],
    ["[".repeat(5000), 101],
  ])("%s stops at its first mistake", (text, at) => {
    expect(readJson(text)).toMatchObject({ at });
    expect(() => JSON.parse(text)).toThrow();
  });

  it("knows its lines, and where a complaint is about", () => {
    const text = '{\n  "graph": {\n    "kind": "window",\n    "back": 1.5\n  },\n  "x": "a + b"\n}';
    expect(lineOf(text, text.indexOf("1.5"))).toEqual({ line: 4, column: 13 });
    const of = (got: string) => text.slice(placeOf(text, got) ?? text.length);
    expect(of("another value at graph.back")).toMatch(/^1\.5/);
    expect(of("another value at graph.ahead")).toMatch(/^\{\n {4}"kind"/);
    expect(of("the key kind in graph")).toMatch(/^"window"/);
    expect(of("the key x in the document")).toMatch(/^"a \+ b"/);
    expect(of('the name a in "a + b"')).toMatch(/^"a \+ b"/);
    expect(of("back 1.5")).toMatch(/^1\.5/);
    expect(of("something else")).toBe("");
  });
});
