/** Functions in the text format, as wabt assembles them. */
import createWabt from "wabt";
import { calledImports } from "../../src/engines/wasm/kernel/functions.ts";

const wabt = await createWabt();
const features = { simd: true, relaxed_simd: true, bulk_memory: true };

/** Bytes of a module of functions that are printed, over the imports that kernels have. */
export function assembled(functions: readonly string[]): Uint8Array {
  const imports = calledImports.map(
    ({ name, params, result }) =>
      `(import "env" "${name}" (func (param ${params.join(" ")}) (result ${result})))`,
  );
  // Vectors are said to be aligned like numbers, which the text leaves out.
  const aligned = functions.map((text) =>
    text.replace(/v128\.(load|store)(?= |\n)( offset=\d+)?/g, "$& align=4"),
  );
  const text = ["(module", '(import "env" "memory" (memory 0 1))', ...imports, ...aligned, ")"];
  const module = wabt.parseWat("printed", text.join("\n"), features);
  const { buffer } = module.toBinary({});
  module.destroy();
  return buffer;
}

/** Instructions of each function of a module, its variables' types left out. */
export function instructionsOf(module: Uint8Array): number[][] {
  let at = 8;
  const number = (): number => {
    for (let [value, shift] = [0, 0]; ; shift += 7) {
      const byte = module[at++] as number;
      value |= (byte & 127) << shift;
      if (byte < 128) return value;
    }
  };
  const code = 10;
  while (module[at++] !== code) {
    const length = number();
    at += length;
  }
  number();
  return Array.from({ length: number() }, () => {
    const end = number() + at;
    for (let groups = number(); groups > 0; groups--) {
      number();
      at++;
    }
    const instructions = [...module.subarray(at, end)];
    at = end;
    return instructions;
  });
}
