import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { uniforms } from "edgewise";
import { describe, expect, it } from "vitest";
import type { Job, Row } from "../../experiment/experiment.ts";
import {
  aboutText,
  batchAt,
  corpusOf,
  evenStarts,
  fewest,
  kindOf,
  kinds,
  textAbout,
} from "./data.ts";
import { type Config, full, quick, text } from "./experiment.ts";
import { armNames, arms, edgesOf } from "./models.ts";
import { paid } from "./paid.ts";

/** Words of a few letters, with punctuation, lines and numbers between them. */
function drawnText(characters: number, seed: number): string {
  const uniform = uniforms(seed);
  let drawn = "";
  while (drawn.length < characters) {
    const letters = Array.from({ length: 1 + Math.floor(4 * uniform()) }, () =>
      String.fromCharCode(97 + Math.floor(8 * uniform())),
    );
    drawn += letters.join("") + (uniform() < 0.2 ? ", 7\n" : " ");
  }
  return drawn.slice(0, characters);
}

const encoded = (of: string): Uint8Array => new TextEncoder().encode(of);

describe("a file", () => {
  it.each([
    ["empty", new Uint8Array(), "an empty file"],
    ["short", encoded("a".repeat(fewest - 1)), `${fewest - 1} characters`],
    ["of one character", encoded("a".repeat(fewest)), "one character, again and again"],
    ["not UTF-8", Uint8Array.from({ length: 2 * fewest }, () => 0xff), "bytes that are not UTF-8"],
  ])("that is %s is refused", (_, bytes, got) => {
    expect(() => aboutText("a.txt", bytes)).toThrow(
      expect.objectContaining({ code: "bad_file", where: "a.txt", got }),
    );
  });

  it("is told by its name, length and content", () => {
    const about = aboutText("/some/where/a.txt", encoded("éa".repeat(fewest)));
    expect(about).toMatchObject({ name: "a.txt", characters: 2 * fewest });
    expect(textAbout("b.txt", encoded("éa".repeat(fewest)), about)).toHaveLength(2 * fewest);
    expect(() => textAbout("b.txt", encoded("ea".repeat(fewest)), about)).toThrow(
      expect.objectContaining({ code: "bad_file" }),
    );
  });
});

describe("symbols", () => {
  it("are of the most frequent characters of the part that is trained on", () => {
    // The last two characters, "zz", are scored.
    const { count, train, test } = corpusOf("bbbbbbaaaaccccc😀ddzz", 3);
    expect(count).toBe(4);
    expect([...train.symbols]).toEqual([...[0, 0, 0, 0, 0, 0], 2, 2, 2, 2, 1, 1, 1, 1, 1, 3, 3, 3]);
    expect([...test.symbols]).toEqual([3, 3]);
  });

  it("have kinds", () => {
    expect([..."aé7 \n,’"].map(kindOf)).toEqual([
      ...["letter", "letter", "digit", "space", "newline", "punctuation", "punctuation"],
    ]);
  });

  it("are one-hot, beside those that follow them", () => {
    const { train, count } = corpusOf("abcabcabca");
    const { seen, next } = batchAt(train, [0, 1], 2, count);
    expect(seen.shape).toEqual([2, 2, 4]);
    const places = (of: typeof seen) => [...of.data.entries()].filter(([, x]) => x).map(([k]) => k);
    expect(places(seen)).toEqual([0, 5, 9, 14]);
    expect(places(next)).toEqual([1, 6, 10, 12]);
    expect(evenStarts(train, 2, 2)).toEqual([0, 4]);
    expect(evenStarts(train, 9, 2)).toEqual([0, 2, 4, 6]);
  });
});

describe("edges per character", () => {
  it("are those that a node has in the past that there is", () => {
    expect(edgesOf(Number.POSITIVE_INFINITY, 1, 6)).toBe(21 / 6);
    expect(edgesOf(4, 1, 6)).toBe(18 / 6);
    expect(edgesOf(4, 2, 6)).toBe(36 / 6);
  });

  it("of a geometric prior end where its tail is below a hundredth", () => {
    expect([arms["q = 0.5"].reach, arms["q = 0.8"].reach]).toEqual([7, 21]);
  });
});

const bytes = encoded(drawnText(fewest, 1));
const tiny: Config = {
  ...{ ...full, context: 6, width: 4, steps: 3, batch: 2, heldOut: 8 },
  text: aboutText("drawn.txt", bytes),
};

describe("work", () => {
  it("gives the same rows twice, which figures take", async () => {
    const folder = mkdtempSync(join(tmpdir(), "edgewise-text-"));
    const file = join(folder, "drawn.txt");
    writeFileSync(file, bytes);
    const ran = async (job: Job) => await text.run(job, tiny, () => {}, file);
    const jobs = text.jobs(text.schema.parse(tiny), 1);
    const rows: Row[] = [];
    for (const job of jobs) rows.push(...(await ran(job)));
    const grows = jobs.find(({ key }) => key === "per query, (1, 1)") as Job;
    expect(await ran(grows)).toEqual(rows.filter(({ arm }) => arm === grows.key));
    rmSync(folder, { recursive: true });

    const of = (arm: string) => rows.find((row) => row["arm"] === arm) as Record<string, number>;
    expect(of("full")).toMatchObject({ edges: 3.5, window: 3.5, characters: 48 });
    expect(of("multihop")).toMatchObject({ edges: 7 });
    // Every key that is looked at counts, and then what updates cost.
    const { edges, window } = of(grows.key);
    expect(edges).toBeGreaterThan(window as number);
    expect(text.figures(rows, tiny).map(({ name }) => name)).toEqual(["frontier", "windows"]);
    expect(text.verdicts(rows, tiny)).toEqual([]);
  });

  it("is of every arm, or of some", () => {
    expect(text.jobs(full, 2)).toHaveLength(2 * armNames.length);
    expect(text.jobs(quick, 1).map(({ key }) => key)).toContain("per query, (1, 1)");
  });
});

describe("whether expanding pays", () => {
  const rows = (bits: readonly number[]): Row[] =>
    bits.flatMap((own) => [
      { arm: "full", kind: "fixed prior", bits: 2, edges: 32, window: 32 },
      { arm: "q = 0.5", kind: "fixed prior", bits: 3, edges: 7, window: 7 },
      { arm: "per query, (1, 1)", kind: "expanding", bits: own, edges: 10, window: 8 },
    ]);
  it.each([
    [[2.9, 2.8, 2.85], "expanding pays (0.150 bits saved [0.100, 0.200])"],
    [[3.1, 3.2, 3.15], "expanding does not pay (−0.150 bits saved [−0.200, −0.100])"],
    [[2.9, 3.1, 3], "the seeds do not tell whether expanding pays"],
    [[2.9, 2.9, 3], "the seeds do not tell whether expanding pays"],
    [[2.9, 2.8], "2 seeds do not tell whether expanding pays"],
    [[2.9], "one seed does not tell whether expanding pays"],
  ])("is told by the best fixed prior that costs no more: %j", (bits, outcome) => {
    expect(paid(rows(bits))).toContain(outcome);
    expect(paid(rows(bits))).toContain("q = 0.5, takes 3.000 bits at 7.0 edges");
  });

  it("is left open where nothing costs as little", () => {
    const dear = rows([2.5]).filter(({ arm }) => arm !== "q = 0.5");
    expect(paid(dear)).toMatch(/no fixed prior costs as little\.$/);
  });
});

it("a caption explains the marks that are drawn", () => {
  const windows = Object.fromEntries(kinds.map((kind) => [`window ${kind}`, 8]));
  const row = { kind: "expanding", bits: 2, edges: 10, window: 8, ...windows };
  const caption = (...arms: readonly string[]): string | undefined =>
    text.figures(
      arms.map((arm) => ({ ...row, arm })),
      tiny,
    )[0]?.reading;
  const [rings, discs] = ["rings from the hyper-prior (1, 1)", "discs from the hyper-prior (1, 4)"];
  expect(caption("per query, (1, 1)")).toContain(`Arms that expand: ${rings}. `);
  expect(caption("per query, (1, 1)", "per group, (1, 4)")).toContain(`${rings}, ${discs}. `);
  expect(caption("multihop")).not.toContain("hyper-prior");
});
