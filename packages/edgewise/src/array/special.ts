/** Functions that `Math` lacks, to the last few bits. */

/** log(1 + exp x), which neither overflows nor loses what is far below 1. */
export const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));

/** Where the series of the normal distribution function hands over to the continued fraction. */
const tail = -1.5;

/**
 * Φ(x), the standard normal distribution function; relative errors stay below 10⁻¹⁴ in the lower
 * tail too, down to the least number.
 *
 * @source Marsaglia (2004), "Evaluating the Normal Distribution", for the series; Laplace's
 *   continued fraction of the tail.
 */
export function normalCdf(x: number): number {
  if (x < tail) return lowerTail(-x);
  if (x > -tail) return 1 - lowerTail(x);
  let term = x;
  let sum = x;
  for (let n = 3; n < 45; n += 2) {
    term *= (x * x) / n;
    sum += term;
  }
  return 0.5 + density(x) * sum;
}

/**
 * Φ(−x) = density / (x + 1/(x + 2/(x + 3/(x + …)))) for x above 1.5; what n terms leave falls as
 * exp(−2x√n).
 */
function lowerTail(x: number): number {
  if (x > 40) return 0;
  let fraction = x;
  for (let k = Math.ceil(20 + 350 / (x * x)); k >= 1; k--) fraction = x + k / fraction;
  return density(x) / fraction;
}

/** Normal density; the square is taken in two parts, whose rounding exp does not magnify. */
function density(x: number): number {
  const coarse = Math.round(16 * x) / 16;
  const rest = (x - coarse) * (x + coarse);
  return (Math.exp(-coarse * coarse * 0.5) * Math.exp(-rest * 0.5)) / Math.sqrt(2 * Math.PI);
}
