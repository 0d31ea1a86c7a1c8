/** Logarithms, each with its rate of change along one direction: sums are taken without leaving logs. */
export interface Logs {
  readonly log: Float64Array;
  readonly rate: Float64Array;
}

export const logs = (count: number): Logs => ({
  log: new Float64Array(count),
  rate: new Float64Array(count),
});

/** Numbers as logarithms; without a direction they stand still. */
export function given(
  { data }: { readonly data: ArrayLike<number> },
  direction?: { readonly data: ArrayLike<number> },
): Logs {
  const log = Float64Array.from(data);
  return {
    log,
    rate:
      direction === undefined ? new Float64Array(log.length) : Float64Array.from(direction.data),
  };
}

/** log Σ exp of terms as they come, and its rate: the mean of their rates, weighted by the terms. */
export class LogSum {
  private top = Number.NEGATIVE_INFINITY;
  private sum = 0;
  private weighted = 0;

  clear(): this {
    this.top = Number.NEGATIVE_INFINITY;
    this.sum = 0;
    this.weighted = 0;
    return this;
  }

  add(log: number, rate: number): this {
    if (log === Number.NEGATIVE_INFINITY) return this;
    if (log > this.top) {
      const shrink = Math.exp(this.top - log);
      this.sum = this.sum * shrink + 1;
      this.weighted = this.weighted * shrink + rate;
      this.top = log;
    } else {
      const weight = Math.exp(log - this.top);
      this.sum += weight;
      this.weighted += weight * rate;
    }
    return this;
  }

  get log(): number {
    return this.sum === 0 ? this.top : this.top + Math.log(this.sum);
  }

  get rate(): number {
    return this.sum === 0 ? 0 : this.weighted / this.sum;
  }
}

/** Divides `count` numbers by their sum, in logs, and returns the logarithm of that sum. */
export function normalise({ log, rate }: Logs, from: number, count: number): number {
  const sum = new LogSum();
  for (let k = from; k < from + count; k++) sum.add(log[k]!, rate[k]!);
  const [total, drift] = [sum.log, sum.rate];
  for (let k = from; k < from + count; k++) {
    log[k] = log[k]! - total;
    rate[k] = rate[k]! - drift;
  }
  return total;
}

/** Leaves the logs: numbers in `log`'s place, their rates in `rate`'s. */
export function exponentiate({ log, rate }: Logs): void {
  for (let k = 0; k < log.length; k++) {
    log[k] = Math.exp(log[k]!);
    rate[k] = rate[k]! * log[k]!;
  }
}
