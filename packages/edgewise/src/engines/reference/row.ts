/** One owner's edges: where they are, their log weights, and their unnormalised weights. */
export class Row {
  count = 0;
  total = 0;
  position: Int32Array = new Int32Array(64);
  alternative: Int32Array = new Int32Array(64);
  logWeight: Float64Array = new Float64Array(64);
  weight: Float64Array = new Float64Array(64);

  clear(): void {
    this.count = 0;
    this.total = 0;
  }

  push(position: number, alternative: number, logWeight: number): void {
    const k = this.count++;
    if (k === this.position.length) this.grow();
    this.position[k] = position;
    this.alternative[k] = alternative;
    this.logWeight[k] = logWeight;
  }

  private grow(): void {
    const wider = <A extends Int32Array | Float64Array>(of: A, to: A): A => {
      to.set(of);
      return to;
    };
    const length = 2 * this.position.length;
    this.position = wider(this.position, new Int32Array(length));
    this.alternative = wider(this.alternative, new Int32Array(length));
    this.logWeight = wider(this.logWeight, new Float64Array(length));
    this.weight = wider(this.weight, new Float64Array(length));
  }

  /** Greatest log weight; −∞ without edges, NaN if there is one. */
  greatest(): number {
    let top = Number.NEGATIVE_INFINITY;
    for (let k = 0; k < this.count; k++) {
      const w = this.logWeight[k] as number;
      if (!(w <= top)) top = w;
      if (Number.isNaN(top)) return top;
    }
    return top;
  }

  /** Weights exp(w − top), and their sum. */
  exponentiate(top: number): number {
    for (let k = 0; k < this.count; k++) {
      const weight = Math.exp((this.logWeight[k] as number) - top);
      this.weight[k] = weight;
      this.total += weight;
    }
    return this.total;
  }
}
