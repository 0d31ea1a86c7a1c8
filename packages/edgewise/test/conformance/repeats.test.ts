/** The same call again: the same bytes on any number of threads, and no more memory than the first took. */
import {
  causal,
  cross,
  distanceDecay,
  hopfield,
  type Inputs,
  type Model,
  parameter,
  probabilistic,
  self,
  type Tensor,
} from "edgewise";
import { compile } from "edgewise/compile";
import { wasm } from "edgewise/engines/wasm";
import { gradient, type Program } from "edgewise/ir";
import { describe, expect, test } from "vitest";
import { sameBytes } from "./agreement.ts";
import { narrowed } from "./cases.ts";
import { drawnInputs, type Lengths } from "./inputs.ts";

interface Call {
  readonly claim: string;
  readonly program: Program;
  readonly inputs: Inputs;
}

/** A reading of a model, and the gradient by its inputs: large enough that threads share them. */
function calls(
  claim: string,
  model: Model,
  of: string,
  by: readonly string[],
  lengths: Lengths,
): Call[] {
  const whole = compile(model);
  const program = narrowed(whole, [of]);
  const inputs = drawnInputs(program, { lengths });
  const back = narrowed(
    gradient(program, [of], [...by]),
    by.map((name) => `d_${name}`),
  );
  return [
    { claim, program, inputs },
    {
      claim: `${claim}, gradient`,
      program: back,
      inputs: drawnInputs(back, { lengths }),
    },
  ];
}

const large: Lengths = { B: 1, H: 2, N: 517, M: 517, D: 17, V: 9 };
const all: Call[] = [
  ...calls("dense attention", cross(), "expectation", ["query", "key", "value"], large),
  ...calls("one head", cross(), "expectation", ["query", "key", "value"], { ...large, H: 1 }),
  ...calls(
    "the past under slopes",
    self({ graph: causal(), prior: distanceDecay({ slope: parameter("slope", ["H"]) }) }),
    "expectation",
    ["query", "slope"],
    large,
  ),
  ...calls(
    "states that recall patterns",
    hopfield({ maxIterations: 2, precision: 0.3 }),
    "state",
    ["state", "patterns"],
    { B: 1, N: 40, M: 2000, D: 16 },
  ),
  ...calls("a mixture", probabilistic({ keyIterations: 2 }), "key", ["query", "key"], {
    B: 1,
    H: 1,
    N: 300,
    M: 300,
    D: 4,
    V: 2,
  }),
];

describe.each([true, false])("with relaxed SIMD: %s", (relaxedSimd) => {
  test("one, two and three threads answer the same bytes, again and again", async () => {
    const engines = await Promise.all([1, 2, 3].map((threads) => wasm({ threads, relaxedSimd })));
    for (const { claim, program, inputs } of all) {
      const [first, ...others] = engines;
      const wanted = first?.runSync(first.lower(program), inputs);
      if (first === undefined || wanted === undefined) throw new Error("no engine");
      for (const engine of [first, ...others])
        for (let again = 0; again < 2; again++)
          sameBytes(
            `${claim}, ${engine.threads} threads`,
            engine.runSync(engine.lower(program), inputs),
            wanted,
          );
    }
    for (const engine of engines) engine.dispose();
  });

  test("calls that are begun together answer what they answer alone", async () => {
    const engine = await wasm({ threads: 2, relaxedSimd });
    const alone = all.map(({ program, inputs }) => engine.runSync(engine.lower(program), inputs));
    const together = await Promise.all(
      [...all, ...all].map(({ program, inputs }) => engine.run(engine.lower(program), inputs)),
    );
    together.forEach((answer, k) => {
      const { claim } = all[k % all.length] as Call;
      sameBytes(claim, answer, alone[k % all.length] as typeof answer);
    });
    engine.dispose();
  });

  test("answers stay as they are when the engine goes on", async () => {
    const engine = await wasm({ threads: 1, relaxedSimd });
    const [{ program, inputs } = missing(), other = missing()] = all;
    const answer = engine.runSync(engine.lower(program), inputs);
    const before = Object.values(answer.outputs).map(({ data }) => Float32Array.from(data));
    engine.runSync(engine.lower(other.program), other.inputs);
    expect(Object.values(answer.outputs).map(({ data }) => data)).toEqual(before);
    for (const [name, { data }] of Object.entries(answer.outputs) as [string, Tensor][])
      expect(inputs[name]?.data, "an answer is not an input").not.toBe(data);
    engine.dispose();
  });

  test("a call that was made before takes no more memory, whatever was called since", async () => {
    const engine = await wasm({ threads: 2, relaxedSimd });
    const round = (): number => {
      for (const { program, inputs } of all) engine.runSync(engine.lower(program), inputs);
      return engine.memoryBytes;
    };
    const first = round();
    expect(first).toBeGreaterThan(0);
    for (let again = 0; again < 3; again++) expect(round()).toBe(first);
    engine.dispose();
    expect(engine.memoryBytes).toBe(0);
  });
});

function missing(): never {
  throw new Error("no call");
}
