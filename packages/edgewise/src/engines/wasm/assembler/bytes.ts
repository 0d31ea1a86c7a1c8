/** Bytes of a module as they are written: numbers of variable length, and parts that say how long they are. */
export class Bytes {
  length = 0;
  private data = new Uint8Array(256);

  byte(value: number): void {
    if (this.length === this.data.length) this.grow(1);
    this.data[this.length++] = value;
  }

  all(values: ArrayLike<number>): void {
    if (this.length + values.length > this.data.length) this.grow(values.length);
    this.data.set(values, this.length);
    this.length += values.length;
  }

  /** Unsigned number of 32 bits in LEB128. */
  unsigned(value: number): void {
    let rest = value >>> 0;
    while (rest > 127) {
      this.byte((rest & 127) | 128);
      rest >>>= 7;
    }
    this.byte(rest);
  }

  /** Signed number of 32 bits in LEB128. */
  signed(value: number): void {
    let rest = value | 0;
    while (rest < -64 || rest > 63) {
      this.byte((rest & 127) | 128);
      rest >>= 7;
    }
    this.byte(rest & 127);
  }

  float(value: number): void {
    floats[0] = value;
    this.all(floatBytes);
  }

  double(value: number): void {
    doubles[0] = value;
    this.all(doubleBytes);
  }

  text(of: string): void {
    this.unsigned(of.length);
    for (let k = 0; k < of.length; k++) this.byte(of.charCodeAt(k));
  }

  /** A part after the number of its bytes. */
  sized(write: (into: Bytes) => void): void {
    const part = new Bytes();
    write(part);
    this.unsigned(part.length);
    this.all(part.taken());
  }

  /** A list after the number of its items. */
  list<T>(items: readonly T[], write: (item: T, k: number) => void): void {
    this.unsigned(items.length);
    items.forEach(write);
  }

  taken(): Uint8Array<ArrayBuffer> {
    return this.data.subarray(0, this.length);
  }

  private grow(by: number): void {
    const wider = new Uint8Array(Math.max(2 * this.data.length, this.length + by));
    wider.set(this.data);
    this.data = wider;
  }
}

// Numbers in the order of bytes that WebAssembly has, which is that of every machine it runs on.
const [floats, doubles] = [new Float32Array(1), new Float64Array(1)];
const [floatBytes, doubleBytes] = [new Uint8Array(floats.buffer), new Uint8Array(doubles.buffer)];
