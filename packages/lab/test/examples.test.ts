import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readSafetensors } from "edgewise/io";
import { describe, expect, it } from "vitest";
import { gradientRow, runRow } from "../src/contract/execute.ts";
import { rows } from "../src/contract/rows.ts";

/** Cases with numbers of other people's code; they lie beside the project where they exist. */
const examples = fileURLToPath(new URL("../../../../shared/examples", import.meta.url));
const cases = existsSync(examples)
  ? rows.flatMap(({ name }) => {
      const folder = join(examples, name);
      return existsSync(folder) ? readdirSync(folder).map((example) => join(name, example)) : [];
    })
  : [];

const read = (file: string) => readSafetensors(readFileSync(file), file).tensors;
const json = (file: string) => JSON.parse(readFileSync(file, "utf8"));

const engines = ["reference", "wasm"];
/** What single precision has to reach, whatever an example allows beyond it. */
const relative = 1e-4;

const missing = existsSync(examples) ? "" : " (skipped: no folder ../shared beside the project)";

it.skipIf(missing !== "")(`all 63 examples are found${missing}`, () => {
  expect(cases).toHaveLength(63);
});

describe.skipIf(missing !== "").each(engines)(
  `examples of the contract on %s${missing}`,
  (engine) => {
    // A kernel matrix must not be rounded, so that wasm declines this row by name.
    const isDeclined = (example: string): boolean =>
      engine === "wasm" && example.startsWith("conditional-mean");
    it.each(cases.filter((example) => !isDeclined(example)))(
      "%s agrees with its expected numbers",
      async (example) => {
        const file = (name: string) => join(examples, example, name);
        const about = json(file("about.json"));
        const row = rows.find(({ name }) => name === example.split("/")[0]);
        if (row === undefined) throw new Error(`no row for ${example}`);
        const execute = about.gradient === true ? gradientRow : runRow;
        const done = await execute(
          row,
          read(file("input.safetensors")),
          json(file("config.json")),
          {
            engine,
          },
        );
        expect(done.engine).toBe(engine);
        const { outputs } = done;
        const expected = read(file("expected.safetensors"));
        expect(expected.size).toBeGreaterThan(0);
        for (const [name, tensor] of expected) {
          if (name.includes("@")) continue;
          const got = outputs.get(name);
          expect(got?.shape, name).toEqual(tensor.shape);
          // NAME@2 is a second reading of the specification that is as good.
          const readings = [tensor, expected.get(`${name}@2`) ?? tensor];
          const worst = readings.map(({ data }) =>
            worstError(got?.data ?? [], data, { ...about, relative }),
          );
          expect(
            Math.min(...worst),
            `${name}: error in units of the tolerance`,
          ).toBeLessThanOrEqual(1);
        }
      },
    );
  },
);

function worstError(
  got: ArrayLike<number>,
  expected: ArrayLike<number>,
  { relative, absolute }: { relative: number; absolute: number },
): number {
  let worst = 0;
  for (let k = 0; k < expected.length; k++) {
    const [a, b] = [got[k] as number, expected[k] as number];
    if (a === b) continue;
    const error = Math.abs(a - b) / (absolute + relative * Math.abs(b));
    worst = Number.isNaN(error) ? Number.POSITIVE_INFINITY : Math.max(worst, error);
  }
  return worst;
}
