/**
 * jax-js as a second oracle, which we did not write: what it runs of the catalogue, it answers as
 * the reference does, within the roundings that the engine wasm is held to.
 */
import { type Answer, EdgewiseError } from "edgewise";
import { jax } from "edgewise/engines/jax";
import { axis, index, load, normalise, type Program, unary } from "edgewise/ir";
import { describe, expect, test } from "vitest";
import { answered, compare, type Expected } from "./agreement.ts";
import { expectations } from "./cases.ts";
import { families } from "./catalogue.ts";

const engine = await jax().catch((error: EdgewiseError) => error);
const isInstalled = !(engine instanceof EdgewiseError);
const why = isInstalled ? "" : " (skipped: @jax-js/jax is not installed)";

interface Outcome {
  answered: number;
  declined: number;
}

/** Programs of each family, gradients among them: answered, and declined by name. */
const outcomes: Readonly<Record<string, Outcome>> = {
  "edge models": { answered: 111, declined: 99 },
  readings: { answered: 52, declined: 82 },
  "latent models": { answered: 97, declined: 37 },
  "mixtures, windows and structures": { answered: 30, declined: 80 },
  "evidence by offsets": { answered: 138, declined: 4 },
  operations: { answered: 75, declined: 0 },
  programs: { answered: 42, declined: 14 },
};

/** What jax-js 0.1.25 computes otherwise than IEEE numbers and JavaScript do. */
const faults: ReadonlyMap<string, string> = new Map([
  ["power in log weights, conditions and values", "powers have an error of 10⁻⁵"],
  ["mod in log weights, conditions and values", "x / x may be less than 1, so that its floor is 0"],
  ["power of special numbers", "0 to the power 0 is no number"],
  ["mod of special numbers", "the rest of 10⁻³⁰ by −1 is 0"],
  ["exp of special numbers", "exp 80 has an error of 10⁻⁵"],
  ["sin of special numbers", "sines of large angles have an error of 10⁻³"],
  ["cos of special numbers", "cosines of large angles have an error of 10⁻³"],
]);

/** What the engine answers; nothing where it says that it cannot. */
async function asked({
  program,
  inputs,
}: Pick<Expected, "program" | "inputs">): Promise<Answer | undefined> {
  if (engine instanceof EdgewiseError) throw engine;
  if (engine.supports(program).length > 0) return undefined;
  try {
    return await engine.run(engine.lower(program), inputs);
  } catch (error) {
    // Whether a tensor has elements is known when it is given.
    if (error instanceof EdgewiseError && error.code === "engine_cannot") return undefined;
    throw error;
  }
}

describe.skipIf(!isInstalled)(`jax-js agrees${why}`, () => {
  test.each(families)(
    "about %s",
    async (family, cases) => {
      const outcome: Outcome = { answered: 0, declined: 0 };
      let worst = 0;
      for (const one of cases) {
        if (faults.has(one.claim)) continue;
        for (const of of await expectations(one)) {
          const answer = await asked(of);
          if (answer === undefined) outcome.declined++;
          else {
            worst = Math.max(worst, compare(`${of.claim}, jax`, of, answer));
            outcome.answered++;
          }
        }
      }
      expect(outcome).toEqual(outcomes[family]);
      expect(worst).toBeLessThanOrEqual(1);
    },
    240_000,
  );

  test("about log weights that are no numbers, in the same words", async () => {
    const one = axis("i", "N");
    const program: Program = {
      name: "roots",
      inputs: [{ name: "x", shape: ["N"] }],
      steps: [
        normalise({
          over: [],
          edges: { axis: one },
          logWeight: unary("sqrt", load("x", [index(one)])),
          logEvidence: "evidence",
        }),
      ],
      outputs: { evidence: "evidence" },
    };
    const inputs = { x: { data: Float32Array.of(4, -4), shape: [2] } };
    const answer = asked({ program, inputs });
    await expect(answer).rejects.toThrow(/not_finite[\s\S]*NaN from sqrt\(x\[i\]\)/);
    expect(() => answered(program, inputs)).toThrow(/not_finite[\s\S]*NaN from sqrt\(x\[i\]\)/);
  });

  const faulty = families.flatMap(([, cases]) => cases.filter(({ claim }) => faults.has(claim)));
  test.each(faulty.map((one) => [one.claim, faults.get(one.claim), one] as const))(
    "but for %s: %s",
    async (_, __, one) => {
      const wrong = (await expectations(one)).map(async (of) => {
        const answer = (await asked(of)) as Answer;
        return () => compare(of.claim, of, answer);
      });
      const compared = await Promise.all(wrong);
      expect(() => {
        for (const check of compared) check();
      }).toThrow();
    },
  );
});
