/** The engine's memory, which grows when a plan needs more and is one for all programs. */
import { EdgewiseError } from "../../errors/edgewiseError.ts";
import { Code } from "./assembler/code.ts";
import { encode } from "./assembler/module.ts";
import { type RuntimeMemory, runtime } from "./runtime.ts";

const page = 65536;

/** Most pages: addresses are signed numbers of 32 bits, so 2 GiB less the last page. */
export const mostPages = 32767;

/** A place in memory, in bytes from its start. */
export type Address = number;

/** First address that plans may use: none of a tensor's is 0. */
export const firstAddress: Address = 64;

export class Memory {
  readonly memory: RuntimeMemory;
  readonly shared: boolean;
  floats: Float32Array = new Float32Array(0);
  doubles: Float64Array = new Float64Array(0);
  wholes: Int32Array = new Int32Array(0);
  bytes: Uint8Array = new Uint8Array(0);
  /** Sets bytes from an address on to 0. */
  readonly clear: (from: Address, bytes: number) => void;
  /** Copies bytes, as if all were read before any is written. */
  readonly copy: (to: Address, from: Address, bytes: number) => void;

  constructor(shared: boolean) {
    this.shared = shared;
    this.memory = new runtime.Memory({ initial: 1, maximum: mostPages, shared });
    const { clear, copy } = movesOver(this.memory, shared);
    this.clear = clear;
    this.copy = copy;
    this.look();
  }

  get size(): number {
    return this.bytes.length;
  }

  /**
   * Grows until an address is inside; `what` needs that, and `most` the most of it.
   *
   * @throws engine_cannot when there is not as much memory
   */
  reach(end: Address, what: string, most: { readonly bytes: number; readonly what: string }): void {
    if (end <= this.bytes.length) return;
    try {
      if (end > mostPages * page) throw new RangeError("beyond the last address");
      this.memory.grow(Math.ceil((end - this.bytes.length) / page));
    } catch {
      throw refused(end, `${what}, ${show(most.bytes)} of it for ${most.what}`);
    }
    this.look();
  }

  private look(): void {
    const { buffer } = this.memory;
    this.floats = new Float32Array(buffer);
    this.doubles = new Float64Array(buffer);
    this.wholes = new Int32Array(buffer);
    this.bytes = new Uint8Array(buffer);
  }
}

/** Inside a module: arrays over shared memory move byte by byte. */
function movesOver(memory: RuntimeMemory, shared: boolean): Pick<Memory, "clear" | "copy"> {
  const clear = new Code("clear", ["i32", "i32"]);
  const [from, bytes] = clear.params;
  clear.run("memory.fill", from!, 0, bytes!);
  const copy = new Code("copy", ["i32", "i32", "i32"]);
  copy.run("memory.copy", ...copy.params);
  const module = new runtime.Module(encode([], [clear, copy], { shared, most: mostPages }));
  const { exports } = new runtime.Instance(module, { env: { memory } });
  return { clear: exports["clear"]!, copy: exports["copy"]! };
}

function refused(end: Address, what: string): EdgewiseError {
  return new EdgewiseError({
    code: "engine_cannot",
    where: "wasm",
    got: `a need of ${show(end)} for ${what}`,
    expected: `at most ${show(mostPages * page)}, and no more than the machine has`,
    fix: "ask for fewer readings, or give fewer nodes at once",
  });
}

const show = (bytes: number): string =>
  bytes >= 2 ** 29 ? `${(bytes / 2 ** 30).toFixed(1)} GiB` : `${(bytes / 2 ** 20).toFixed(1)} MiB`;
