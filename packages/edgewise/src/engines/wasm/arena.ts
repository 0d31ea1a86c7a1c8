/** Where the blocks of a plan stand: what one gives back, a later one takes. */
import type { Address } from "./memory.ts";

export interface Block {
  readonly address: Address;
  readonly bytes: number;
}

/** Every block is aligned to this, and has this much room behind it for vectors at its end. */
const grain = 64;

export class Arena {
  /** Blocks given back, by address, none touching another nor the top. */
  private readonly holes: Block[];
  /** Past the last block that is in use. */
  private top: Address;
  /** Highest address that was ever in use, since the fork. */
  peak: Address;

  constructor(top: Address, holes: readonly Block[] = []) {
    this.top = top;
    this.peak = top;
    this.holes = [...holes];
  }

  /** The same state, to go on from separately. */
  fork(): Arena {
    return new Arena(this.top, this.holes);
  }

  get end(): Address {
    return this.top;
  }

  take(bytes: number): Block {
    const whole = grain * (1 + Math.ceil(bytes / grain));
    const k = this.tightest(whole);
    if (k < 0) return this.takeTop(bytes);
    const { address, bytes: room } = this.holes[k]!;
    if (room === whole) this.holes.splice(k, 1);
    else this.holes[k] = { address: address + whole, bytes: room - whole };
    return { address, bytes: whole };
  }

  /** A block above all others, which may grow while nothing else is taken. */
  takeTop(bytes: number): Block {
    const block = { address: this.top, bytes: grain * (1 + Math.ceil(bytes / grain)) };
    this.top += block.bytes;
    this.peak = Math.max(this.peak, this.top);
    return block;
  }

  give({ address, bytes }: Block): void {
    let k = this.holes.findIndex((hole) => hole.address > address);
    if (k < 0) k = this.holes.length;
    let [from, to] = [address, address + bytes];
    const [before, after] = [this.holes[k - 1], this.holes[k]];
    let [first, count] = [k, 0];
    if (before !== undefined && before.address + before.bytes === from) {
      from = before.address;
      first--;
      count++;
    }
    if (after !== undefined && after.address === to) {
      to += after.bytes;
      count++;
    }
    const joined = { address: from, bytes: to - from };
    if (to === this.top) {
      this.top = from;
      this.holes.splice(first, count);
    } else this.holes.splice(first, count, joined);
  }

  /** The smallest hole that is large enough. */
  private tightest(bytes: number): number {
    let found = -1;
    this.holes.forEach((hole, k) => {
      if (hole.bytes >= bytes && (found < 0 || hole.bytes < this.holes[found]!.bytes)) found = k;
    });
    return found;
  }
}
