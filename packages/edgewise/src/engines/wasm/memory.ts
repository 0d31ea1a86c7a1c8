/** The engine's memory: a stack of blocks that a run takes and gives back as a whole. */
import { EdgewiseError } from "../../errors/edgewiseError.ts";
import { type RuntimeMemory, runtime } from "./runtime.ts";

const page = 65536;

/** Most pages: addresses are signed numbers of 32 bits, so 2 GiB less the last page. */
export const mostPages = 32767;

/** A place in memory, in bytes from its start. */
export type Address = number;

export class Memory {
  readonly memory: RuntimeMemory;
  floats: Float32Array = new Float32Array(0);
  doubles: Float64Array = new Float64Array(0);
  wholes: Int32Array = new Int32Array(0);
  bytes: Uint8Array = new Uint8Array(0);
  /** First address that is free. */
  top: Address = 64;

  constructor(shared: boolean) {
    this.memory = new runtime.Memory({ initial: 1, maximum: mostPages, shared });
    this.look();
  }

  /** Block of bytes, 16-byte aligned, with room behind it for a vector that starts at its end. */
  allocate(bytes: number, what: string): Address {
    const address = this.top;
    const top = address + Math.ceil((bytes + 64) / 16) * 16;
    this.reach(top, what);
    this.top = top;
    return address;
  }

  /** Grows to an address. @throws engine_cannot when there is not as much memory */
  reach(top: Address, what: string): void {
    const missing = Math.ceil((top - this.memory.buffer.byteLength) / page);
    if (missing <= 0) return;
    try {
      if (top > mostPages * page) throw new RangeError("beyond the last address");
      this.memory.grow(missing);
    } catch {
      throw new EdgewiseError({
        code: "engine_cannot",
        where: "wasm",
        got: `${(top / 2 ** 20).toFixed(0)} MiB of memory, up to ${what}`,
        expected: `at most ${(mostPages * page) / 2 ** 20} MiB, and as much as there is`,
        fix: "ask for fewer readings, or give fewer nodes at once",
      });
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
