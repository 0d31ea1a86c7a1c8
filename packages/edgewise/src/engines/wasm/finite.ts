/** Whether numbers are finite: every input of every call is asked, which vectors tell faster. */
import { Code, get, load, w } from "./assembler/code.ts";
import { encode } from "./assembler/module.ts";
import { runtime } from "./runtime.ts";

/** Numbers that are looked at together: they stay near the processor. */
const room = 8192;
/** Numbers that one step of the loop looks at. */
const stride = 16;
/** Where they stand, behind the answer. */
const start = 64;

/** A test with a memory of its own: it is asked while others work in the engine's. */
export function finiteTest(): (data: Float32Array) => boolean {
  const memory = new runtime.Memory({ initial: 1, maximum: 1, shared: false });
  const module = new runtime.Module(encode([], [sumOfGaps()], { shared: false, most: 1 }));
  const { exports } = new runtime.Instance(module, { env: { memory } });
  const look = exports["gaps"]!;
  const floats = new Float32Array(memory.buffer);
  const first = start / 4;
  return (data) => {
    for (let k = 0; k < data.length; k += room) {
      const count = Math.min(room, data.length - k);
      floats.set(count === data.length ? data : data.subarray(k, k + count), first);
      const end = stride * Math.ceil(count / stride);
      floats.fill(0, first + count, first + end);
      look(start + 4 * end);
      for (let lane = 0; lane < 4; lane++) if (floats[lane] !== 0) return false;
    }
    return true;
  };
}

/** Σ (x − x) of the numbers up to an address: 0, or no number where one of them is not finite. */
function sumOfGaps(): Code {
  const code = new Code("gaps", ["i32"]);
  const [end] = code.params;
  const at = code.local("i32");
  const sums = [0, 16, 32, 48].map((offset) => ({
    offset,
    sum: code.local("v128", code.splat(0)),
  }));
  code.range(at, start, get(end!), 4 * stride, () => {
    for (const { offset, sum } of sums) {
      const x = code.local("v128", load("v128.load", at, offset));
      code.set(sum, w("f32x4.add", sum, w("f32x4.sub", x, x)));
    }
  });
  const all = sums.map(({ sum }) => get(sum)).reduce((a, b) => w("f32x4.add", a, b));
  code.store("v128.store", code.local("i32", 0), all);
  return code;
}
