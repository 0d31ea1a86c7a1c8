/**
 * Generated code is reviewed as text: a change of it shows in these files, and `vitest -u` writes
 * them anew. What is printed is what runs.
 */
import { showKernels } from "edgewise/engines/wasm";
import { describe, expect, test } from "vitest";
import { encode } from "../../src/engines/wasm/assembler/module.ts";
import { print } from "../../src/engines/wasm/assembler/print.ts";
import { calledImports } from "../../src/engines/wasm/kernel/functions.ts";
import { libraryFunctions } from "../../src/engines/wasm/kernel/tile/library.ts";
import { firstKernels, lower } from "../../src/engines/wasm/lower.ts";
import { runtime } from "../../src/engines/wasm/runtime.ts";
import { golden } from "../golden/golden.ts";
import { assembled, instructionsOf } from "./assembled.ts";
import { programs } from "./programs.ts";

describe("kernels are written as they were reviewed", () => {
  for (const [name, program] of Object.entries(programs))
    test(name, async () => {
      const text = showKernels(program, { relaxedSimd: true });
      await expect(`${text}\n`).toMatchFileSnapshot(`kernels/${name.replaceAll(" ", "-")}.wat`);
    });
});

const everything = {
  ...programs,
  ...Object.fromEntries(golden.map(({ program }) => [program.name, program])),
};

describe.each([
  ["with relaxed SIMD", true],
  ["without", false],
])("modules %s", (_, fused) => {
  for (const [name, program] of Object.entries(everything))
    test(`what is printed is what runs: ${name}`, () => {
      const kernels = firstKernels(lower(program, { relaxedSimd: fused }).body);
      const codes = [...libraryFunctions(fused), ...kernels.map(({ code }) => code)];
      for (const shared of [false, true]) {
        const bytes = encode(calledImports, codes, { shared, most: 100 });
        // The runtime's own check: every function leaves what it says on the stack.
        expect(() => new runtime.Module(bytes)).not.toThrow();
        expect(instructionsOf(bytes)).toEqual(instructionsOf(assembled(codes.map(print))));
      }
    });
});
