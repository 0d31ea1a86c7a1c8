import { describe, expect, it } from "vitest";
import { axis, exp, index, load, multiply, sum } from "./expr.ts";
import { map, normalise, result, weigh } from "./fold.ts";
import type { FixedPoint, Program, Step } from "./program.ts";
import { checked, faults } from "./spec.ts";

const [i, j, d] = [axis("i", "N"), axis("j", "M"), axis("d", "D")];
const at = (name: string, ...axes: (typeof i)[]) => load(name, axes.map(index));
const score = sum(d, multiply(at("query", i, d), at("key", j, d)));

const program = (...steps: Step[]): Program => ({
  name: "sample",
  inputs: [
    { name: "query", shape: ["N", "D"] },
    { name: "key", shape: ["M", "D"] },
  ],
  steps,
  outputs: {},
});
const posterior = normalise({
  over: [i],
  edges: { axis: j },
  logWeight: score,
  logEvidence: "evidence",
});
const loop = (changes: Partial<FixedPoint>): FixedPoint => ({
  kind: "fixedPoint",
  name: "loop",
  state: [{ name: "state", initial: "query", shape: ["N", "D"] }],
  blocks: [
    {
      name: "step",
      steps: [map("next", [i, d], exp(at("state", i, d)))],
      update: { state: "next" },
    },
  ],
  maxIterations: 2,
  iteration: "t",
  traces: [],
  history: {},
  iterations: "count",
  gradient: "unrolled",
  ...changes,
});

describe("a program keeps its rules", () => {
  it("well-formed programs have no fault", () => {
    expect(faults(program(posterior, loop({})))).toEqual([]);
  });

  it.each<[string, Program, string]>([
    ["a tensor that nothing defines", program(map("x", [i], at("lost", i))), "reads lost"],
    [
      "a tensor defined later",
      program(map("x", [i], at("evidence", i)), posterior),
      "reads evidence",
    ],
    ["a name defined twice", program(posterior, posterior), "defines evidence again"],
    ["the same loop twice", program(map("x", [i, axis("i", "M")], 1)), "loops over i twice"],
    [
      "an index outside its loop",
      program(map("x", [i], at("key", j, d))),
      "index j outside its loop",
    ],
    ["a sum inside a loop of its name", program(map("x", [d], sum(d, 1))), "sums over d inside"],
    ["an unbound size", program(map("x", [axis("k", "K")], 1)), "size K"],
    [
      "a wrong number of indices",
      program(map("x", [i], at("query", i))),
      "reads query with 1 indices",
    ],
    [
      "a result without a place for each dimension",
      program(weigh([i], { axis: j }, score, [{ ...result("x", [i], [], 1), at: [] }])),
      "places x",
    ],
    [
      "a routine that is not there",
      program({ kind: "routine", routine: "magic", inputs: {}, outputs: {}, options: {} }),
      "names the routine magic",
    ],
    [
      "a routine without an input",
      program({
        kind: "routine",
        routine: "sparseSolve",
        inputs: { weight: "query" },
        outputs: {},
        options: {},
      }),
      "gives sparseSolve no rowStart",
    ],
    [
      "an update of what is not carried",
      program(loop({ blocks: [{ name: "b", steps: [], update: { other: "state" } }] })),
      "updates other",
    ],
    [
      "an update by what nothing defines",
      program(loop({ blocks: [{ name: "b", steps: [], update: { state: "lost" } }] })),
      "by lost",
    ],
    [
      "a trace of what nothing defines",
      program(loop({ traces: [{ tensor: "t1", of: "lost", shape: [] }] })),
      "follows lost",
    ],
    [
      "an answer that nothing defines",
      { ...program(), outputs: { y: "lost" } },
      "answers y with lost",
    ],
  ])("%s is a fault", (_, broken, text) => {
    expect(faults(broken).join("; ")).toContain(text);
    expect(() => checked(broken)).toThrow("bad_program");
  });
});
