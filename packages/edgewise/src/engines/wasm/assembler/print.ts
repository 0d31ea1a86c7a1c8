/** A function in the text format of WebAssembly, as `edgewise run --show-kernel` shows it. */
import { type Code, immediateOf, type Line } from "./code.ts";

export function print(code: Code): string {
  const params = code.params.map(({ type }) => ` ${type}`).join("");
  const result = code.result === undefined ? "" : ` (result ${code.result})`;
  const locals = code.locals.length === 0 ? [] : [`  (local ${code.locals.join(" ")})`];
  let indent = 1;
  const lines = code.lines.map((line) => {
    if (line.op === "end" || line.op === "else") indent--;
    const printed = "  ".repeat(indent) + printLine(line);
    if (["if", "loop", "block", "else"].includes(line.op)) indent++;
    return printed;
  });
  const head = `(func $${code.name}${params === "" ? "" : ` (param${params})`}${result}`;
  return [head, ...locals, ...lines, ")"].join("\n");
}

function printLine({ op, immediates }: Line): string {
  switch (immediateOf(op)) {
    case "memory":
      return immediates[0] === 0 ? op : `${op} offset=${immediates[0]}`;
    case "memoryLane":
      return `${op}${immediates[0] === 0 ? "" : ` offset=${immediates[0]}`} ${immediates[1]}`;
    case "bytes":
      return op === "v128.const" ? `${op} ${vector(immediates)}` : `${op} ${immediates.join(" ")}`;
    default:
      return [op, ...immediates.map(number)].join(" ");
  }
}

/** A number as the text format writes it. */
function number(of: number): string {
  if (Number.isNaN(of)) return "nan";
  if (Object.is(of, -0)) return "-0";
  return String(of).replace("Infinity", "inf");
}

/** The four numbers of a constant: as whole numbers where they are bits of none. */
function vector(bytes: readonly number[]): string {
  const { buffer } = Uint8Array.from(bytes);
  const floats = [...new Float32Array(buffer)];
  const plain = floats.every((x) => x === 0 || (Math.abs(x) > 1e-30 && Math.abs(x) < 1e30));
  return plain
    ? `f32x4 ${floats.map(number).join(" ")}`
    : `i32x4 ${[...new Int32Array(buffer)].join(" ")}`;
}
